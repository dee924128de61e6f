import { strings } from "../../lib/strings";
import type { Permission } from "../../lib/strings/permissions";
import { boxes, checklistOf } from "./checklist";
import { webRedirect } from "./publicAddress.svelte";
import type { HeardBy } from "./webexCredentials";

const words = strings.setup.webex;

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

/** All that is made in the consoles as plain text, for whoever may do it there. */
export function webexChecklist(publicUrl: string | null, heardBy: HeardBy): string {
  const scopes = (whose: Parameters<typeof scopesOf>[0]) =>
    boxes(scopesOf(whose, heardBy).flatMap(({ names }) => names));
  return checklistOf([
    {
      title: `${words.integration} (${DEVELOPER_PAGE})`,
      lines: [
        words.integrationText,
        boxes(DEVICE_REDIRECTS),
        words.web,
        boxes([webRedirect(publicUrl)]),
      ],
    },
    {
      title: words.scopes,
      lines: [
        words.scopesText[heardBy],
        `${words.people}:`,
        scopes("people"),
        `${words.administrator}:`,
        scopes("administrator"),
        words.secretText,
      ],
    },
    { title: words.bot, lines: [boxes([words.botText])] },
    { title: words.administratorStep, lines: [boxes([words.administratorText[heardBy]])] },
    { title: words.issuer, lines: [words.issuerText, scopes("guests"), words.authorise] },
  ]);
}
