import { strings } from "../../lib/strings";
import type { Permission } from "../../lib/strings/permissions";

export const DEVELOPER_PAGE = "https://developer.webex.com/my-apps/new";

/** Where Webex itself comes back to once a code was typed: each of its regions has one. */
export const DEVICE_REDIRECTS = ["a", "k", "r"].map(
  (region) =>
    `https://oauth-helper-${region}.wbx2.com/helperservice/v1/actions/device/callback`,
);

/** The scopes of one of the apps, or of who signs in through it. */
export function scopesOf(kind: "people" | "administrator" | "guests"): readonly Permission[] {
  return strings.connections.permissions.webex.filter((one) => one.kind === kind);
}
