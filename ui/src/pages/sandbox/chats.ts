import type { Platform } from "../../lib/backend/bindings";
import type {
  ChatMessage,
  Conversation,
  DeedTarget,
  SandboxDeed,
  SandboxPerson,
} from "../../lib/backend/sandbox-bindings";
import { strings } from "../../lib/strings";

/** Who is looked over the shoulder first, on each platform. */
export const FIRST: Record<Platform, string> = {
  slack: "ann@acme.example",
  teams: "bob@acme.example",
  webex: "ann@acme.example",
  zoom: "bob@acme.example",
};

/** Someone to write to: in a conversation that there is, or whom a search has found. */
export type Place =
  | { kind: "conversation"; conversation: Conversation }
  | { kind: "new"; name: string; whom: string };

/** The platforms that anybody has an account on, in the order of the first who has them. */
export function platformsOf(people: SandboxPerson[]): Platform[] {
  return [...new Set(people.flatMap(({ accounts }) => accounts.map(({ platform }) => platform)))];
}

/** Who can use a platform: those who work there first. */
export function usersOf(people: SandboxPerson[], platform: Platform): SandboxPerson[] {
  const users = people.filter(({ accounts }) =>
    accounts.some((account) => account.platform === platform && account.active),
  );
  const works = (person: SandboxPerson) => (person.works_on === platform ? 0 : 1);
  return users.sort((one, other) => works(one) - works(other));
}

/** What a conversation is called where it is listed. */
export function titleOf({ kind, with: others, topic }: Conversation): string {
  if (kind === "app") return strings.sandbox.theApp;
  return topic ?? (others.length > 0 ? others.join(", ") : strings.sandbox.theApp);
}

/** The newest first. */
export function inOrder(conversations: Conversation[]): Conversation[] {
  const newest = ({ messages }: Conversation) => messages.at(-1)?.sent_at ?? 0;
  return [...conversations].sort((one, other) => newest(other) - newest(one));
}

/** Whether the hub's app wrote it, and no person. */
export function isOfApp(message: ChatMessage, people: SandboxPerson[]): boolean {
  return !people.some(({ email }) => email === message.author);
}

/** Where there are no buttons, the app says which word answers it. */
const WORDS = /\bto say no\b/;

/** The consent request that is still to be answered in a conversation, where there is one. */
export function openPrompt(
  { messages }: Conversation,
  people: SandboxPerson[],
): ChatMessage | undefined {
  const last = messages.findLast((message) => isOfApp(message, people) && !message.deleted);
  const asks =
    last !== undefined &&
    (last.buttons.length > 0 || last.links.length > 0 || WORDS.test(last.text));
  return asks ? last : undefined;
}

const COMMAND = "/causeway";

/** What sending a text in a place is, on the platform's own terms. */
export function sending(
  email: string,
  platform: Platform,
  place: Place,
  text: string,
): SandboxDeed {
  const to: DeedTarget =
    place.kind === "new" ? { dm: place.whom } : { conversation: place.conversation.id };
  if (platform === "slack" && text.startsWith(COMMAND)) {
    return { email, platform, what: "command", to: null, text };
  }
  if (place.kind === "conversation" && place.conversation.kind === "app") {
    return { email, platform, what: "app_message", to: null, text };
  }
  return { email, platform, what: "send", to, text };
}

/** The letters that stand for somebody. */
export function initials(name: string): string {
  const parts = name.split(/\s+/).filter((part) => part !== "");
  const letters = parts.length > 1 ? [parts[0], parts.at(-1)] : [parts[0]];
  return letters.map((part) => part?.charAt(0).toUpperCase() ?? "").join("");
}
