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
  webex: "wanda@acme.example",
  zoom: "zara@acme.example",
};

/** Someone to write to: in a conversation that there is, or whom a search has found. */
export type Place =
  | { kind: "conversation"; conversation: Conversation }
  | { kind: "new"; name: string; whom: string };

/** Whether two addresses are one person's: platforms keep them in whatever letter case they were given. */
export function isSameAddress(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

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

/** When the newest message of a conversation was sent. */
export function newestIn({ messages }: Conversation): number {
  return messages.at(-1)?.sent_at ?? 0;
}

/** Whether somebody else has written there since. */
export function isUnread({ messages }: Conversation, email: string, since: number): boolean {
  const last = messages.at(-1);
  return last !== undefined && last.sent_at > since && !isSameAddress(last.author, email);
}

/** The newest first. */
export function inOrder(conversations: Conversation[]): Conversation[] {
  return [...conversations].sort((one, other) => newestIn(other) - newestIn(one));
}

/** What somebody has opened: a conversation by its id, or whom they write to for the first time. */
export type Chosen = string | Begun;

export type Begun = {
  name: string;
  whom: string;
  /** The id of what was written. */
  written: string | null;
  /** The id of the conversation that has shown it. It may be deleted, and then some apps show it no more. */
  shownIn: string | null;
};

/**
 * Where somebody is in their app. Where nothing is chosen it is the newest conversation; whoever
 * was written to for the first time is in a conversation as soon as that shows what was written.
 */
export function placeOf(
  chosen: Chosen | null,
  conversations: Conversation[],
  email: string,
): Place | null {
  const opened =
    chosen === null || typeof chosen === "string"
      ? (conversations.find(({ id }) => id === chosen) ?? conversations[0])
      : conversations.find(({ id, messages }) =>
          chosen.shownIn === null
            ? messages.some((one) => one.id === chosen.written && isSameAddress(one.author, email))
            : id === chosen.shownIn,
        );
  if (opened !== undefined) return { kind: "conversation", conversation: opened };
  return chosen === null || typeof chosen === "string"
    ? null
    : { kind: "new", name: chosen.name, whom: chosen.whom };
}

/** Tells a place of somebody's from every other. */
export function keyOf(email: string, place: Place): string {
  const where = place.kind === "new" ? `to ${place.whom}` : place.conversation.id;
  return `${email} ${where}`;
}

/** Whether the hub's app wrote it, and no person. */
export function isOfApp(message: ChatMessage, people: SandboxPerson[]): boolean {
  return !people.some(({ email }) => isSameAddress(email, message.author));
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
