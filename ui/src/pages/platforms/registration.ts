import { strings } from "../../lib/strings";
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
    permissionsOf(kind).flatMap(({ names }) => names.map((name) => `   [ ] ${name}`));
  return [
    `1. ${words.register} (${ENTRA})`,
    `   ${words.registerText}`,
    `   ${words.name}`,
    `   [ ] ${APP_NAME}`,
    `   ${words.firstRedirect}`,
    `   [ ] ${FIRST_REDIRECT}`,
    `2. ${words.redirect}`,
    `   ${words.redirectText}`,
    `   [ ] ${APP_REDIRECT}`,
    `   ${words.web}`,
    `   [ ] ${webRedirect(publicUrl)}`,
    `3. ${words.permissions}`,
    `   ${words.permissionsText}`,
    `   ${words.application}:`,
    ...names("application"),
    `   ${words.delegated}:`,
    ...names("delegated"),
    `   ${words.noGuests}`,
    `4. ${words.consent}`,
    `   [ ] ${words.consentText}`,
    "",
  ].join("\n");
}
