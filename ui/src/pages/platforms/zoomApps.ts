import { strings } from "../../lib/strings";
import type { Permission } from "../../lib/strings/permissions";
import { boxes, checklistOf } from "./checklist";
import { webRedirect } from "./publicAddress.svelte";

const words = strings.setup.zoom;

export const MARKETPLACE = "https://marketplace.zoom.us";

/** The scopes of the account's own app, or of the one that people authorise. */
export function zoomScopes(whose: "server" | "people"): readonly Permission[] {
  return strings.connections.permissions.zoom.filter(
    ({ kind }) => (kind === "people") === (whose === "people"),
  );
}

function scopes(whose: "server" | "people"): string[] {
  return boxes(zoomScopes(whose).flatMap(({ names }) => names));
}

/** The account's own apps as plain text, for whoever may make them in the console. */
export function serverChecklist(): string {
  return checklistOf([
    { title: `${words.app} (${MARKETPLACE})`, lines: [boxes([words.appText])] },
    { title: words.role, lines: [boxes([words.roleText])] },
    { title: words.scopes, lines: [words.scopesText, scopes("server")] },
    {
      title: words.events,
      lines: [words.eventsText, boxes(words.eventNames), words.oneHub, words.webhook],
    },
    { title: words.activate, lines: [boxes([words.activateText])] },
    { title: words.chatbot, lines: [words.chatbotText] },
  ]);
}

/** The app that each person authorises, in the same way. */
export function peopleChecklist(publicUrl: string | null): string {
  return checklistOf([
    { title: `${words.peopleApp} (${MARKETPLACE})`, lines: [boxes([words.peopleAppText])] },
    {
      title: words.peopleRedirect,
      lines: [words.peopleRedirectText, boxes([webRedirect(publicUrl)])],
    },
    { title: words.peopleScopes, lines: [words.scopesText, scopes("people")] },
    { title: words.peopleApproval, lines: [words.peopleApprovalText] },
  ]);
}
