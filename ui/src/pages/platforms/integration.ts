import { strings } from "../../lib/strings";
import type { Permission } from "../../lib/strings/permissions";
import type { HeardBy } from "./webexCredentials";

export const DEVELOPER_PAGE = "https://developer.webex.com/my-apps/new";

/** Where Webex itself comes back to once a code was typed: each of its regions has one. */
export const DEVICE_REDIRECTS = ["a", "k", "r"].map(
  (region) =>
    `https://oauth-helper-${region}.wbx2.com/helperservice/v1/actions/device/callback`,
);

/** What is asked for besides, depending on how messages are heard. */
const BESIDES = { events: { administrator: "events" }, sockets: { people: "sockets" } } as const;

/** The scopes of one of the apps, or of who signs in through it. */
export function scopesOf(
  whose: "people" | "administrator" | "guests",
  heardBy: HeardBy,
): readonly Permission[] {
  const besides: Partial<Record<typeof whose, Permission["kind"]>> = BESIDES[heardBy];
  return strings.connections.permissions.webex.filter(
    ({ kind }) => kind === whose || (kind !== undefined && kind === besides[whose]),
  );
}
