import { strings } from "../../lib/strings";
import { boxes, checklistOf } from "./checklist";
import { webRedirect } from "./publicAddress.svelte";

const words = strings.setup.teams;

export const ENTRA = "https://entra.microsoft.com";
/** The values that the console asks for; none of them is translated. */
export const APP_NAME = "Causeway";
export const FIRST_REDIRECT = "http://localhost";
export const APP_REDIRECT = "causeway://callback";

/** What the app has to be allowed, of each of the two kinds that the console knows. */
export function permissionsOf(kind: "application" | "delegated") {
  return strings.connections.permissions.teams.filter((one) => one.kind === kind);
}

/** The whole registration as plain text, for whoever may do it in the console. */
export function checklist(publicUrl: string | null): string {
  const names = (kind: "application" | "delegated") =>
    boxes(permissionsOf(kind).flatMap(({ names }) => names));
  return checklistOf([
    {
      title: `${words.register} (${ENTRA})`,
      lines: [
        words.registerText,
        words.name,
        boxes([APP_NAME]),
        words.firstRedirect,
        boxes([FIRST_REDIRECT]),
      ],
    },
    {
      title: words.redirect,
      lines: [
        words.redirectText,
        boxes([APP_REDIRECT]),
        words.web,
        boxes([webRedirect(publicUrl)]),
      ],
    },
    {
      title: words.permissions,
      lines: [
        words.permissionsText,
        `${words.application}:`,
        names("application"),
        `${words.delegated}:`,
        names("delegated"),
        words.noGuests,
      ],
    },
    { title: words.consent, lines: [boxes([words.consentText])] },
  ]);
}
