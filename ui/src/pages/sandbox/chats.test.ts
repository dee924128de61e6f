import { expect, test } from "vitest";

import type {
  ChatMessage,
  Conversation,
  SandboxPerson,
} from "../../lib/backend/sandbox-bindings";
import {
  initials,
  inOrder,
  isOfApp,
  isUnread,
  openPrompt,
  placeOf,
  platformsOf,
  sending,
  titleOf,
  usersOf,
} from "./chats";

function person(name: string, works_on: "slack" | "teams", active = true): SandboxPerson {
  const email = `${name.toLowerCase()}@acme.example`;
  const account = (platform: "slack" | "teams", on: boolean) => ({
    platform,
    name,
    active: on,
    authorised: false,
  });
  const accounts = [account("slack", active), account("teams", true)];
  return { email, name, title: "", works_on, accounts };
}

function message(over: Partial<ChatMessage>): ChatMessage {
  const plain = { text: "", edited: false, deleted: false, ephemeral: false };
  return { id: "1", author: "ann@acme.example", shown_as: "Ann", sent_at: 1, buttons: [], links: [], ...plain, ...over };
}

function talk(over: Partial<Conversation>): Conversation {
  return { id: "D1", kind: "dm", with: ["Bob"], topic: null, messages: [], ...over };
}

const people = [person("Bob", "teams"), person("Ann", "slack"), person("Wren", "teams", false)];

test("whoever works on a platform is listed before who only has an account there", () => {
  expect(usersOf(people, "slack").map(({ name }) => name)).toEqual(["Ann", "Bob"]);
  expect(platformsOf(people)).toEqual(["slack", "teams"]);
});

test("the conversation with the newest message comes first", () => {
  const old = talk({ id: "old", messages: [message({ sent_at: 1 })] });
  const fresh = talk({ id: "new", messages: [message({ sent_at: 2 })] });
  expect(inOrder([old, talk({ id: "none" }), fresh]).map(({ id }) => id)).toEqual([
    "new",
    "old",
    "none",
  ]);
});

test("a consent request is open until the app has said something after it", () => {
  const ask = message({ author: "Causeway", buttons: [{ id: "start", label: "Start" }] });
  const thanks = message({ id: "2", author: "Causeway", text: "Thank you" });
  const words = message({ author: "Causeway", text: "Answer start to begin, or decline to say no." });
  expect(openPrompt(talk({ messages: [ask] }), people)).toBe(ask);
  expect(openPrompt(talk({ messages: [words, message({})] }), people)).toBe(words);
  expect(openPrompt(talk({ messages: [ask, thanks] }), people)).toBeUndefined();
  expect(openPrompt(talk({ messages: [message({ buttons: [{ id: "x", label: "X" }] })] }), people)).toBeUndefined();
});

test("what is typed goes where the platform would take it", () => {
  const to = (kind: string) => ({ kind: "conversation", conversation: talk({ kind }) }) as const;
  const deed = (place: Parameters<typeof sending>[2], text: string) =>
    sending("ann@acme.example", "slack", place, text);
  expect(deed(to("dm"), "hi")).toMatchObject({ what: "send", to: { conversation: "D1" } });
  expect(deed(to("app"), "hi")).toMatchObject({ what: "app_message", to: null });
  expect(deed(to("dm"), "/causeway Bob")).toMatchObject({ what: "command", text: "/causeway Bob" });
  const whom = { kind: "new", name: "Bob", whom: "bob@acme.example" } as const;
  expect(deed(whom, "hi")).toMatchObject({ what: "send", to: { dm: "bob@acme.example" } });
});

test("conversations and people are called as their apps call them", () => {
  expect(titleOf(talk({}))).toBe("Bob");
  expect(titleOf(talk({ topic: "Vic Duarte" }))).toBe("Vic Duarte");
  expect(titleOf(talk({ kind: "app", with: [] }))).toBe("Causeway app");
  expect([initials("Ann Lee"), initials("Cher"), initials("Anna de la Cruz")]).toEqual([
    "AL",
    "C",
    "AC",
  ]);
});

test("an address in other letters is the same person's", () => {
  expect(isOfApp(message({ author: "Bob@Acme.example" }), people)).toBe(false);
  expect(isUnread(talk({ messages: [message({ author: "Bob@Acme.example" })] }), "bob@acme.example", 0)).toBe(false);
});

test("what is chosen stays open; whoever is written to first gets the conversation that shows it", () => {
  const old = talk({ id: "old", messages: [message({ id: "7", author: "Ann@acme.example" })] });
  const fresh = talk({ id: "new", messages: [message({ id: "8", author: "bob@acme.example" })] });
  const ann = "ann@acme.example";
  const opened = (chosen: Parameters<typeof placeOf>[0]) => placeOf(chosen, [fresh, old], ann);
  expect(opened(null)).toEqual({ kind: "conversation", conversation: fresh });
  expect(opened("old")).toEqual({ kind: "conversation", conversation: old });
  const whom = { name: "Bob", whom: "bob@acme.example" };
  const wrote = (written: string, shownIn: string | null = null) => opened({ ...whom, written, shownIn });
  expect(wrote("7")).toEqual({ kind: "conversation", conversation: old });
  expect(wrote("8")).toEqual({ kind: "new", ...whom });
  // It was deleted since.
  expect(wrote("9", "old")).toEqual({ kind: "conversation", conversation: old });
  expect(wrote("9", "gone")).toEqual({ kind: "new", ...whom });
  expect(placeOf("gone", [], ann)).toBeNull();
});
