/*
 * Stands in for the shell in the page tests. Bundled by itself and injected before the page's own
 * scripts: no line of it is in what ships.
 */
import { emit } from "@tauri-apps/api/event";
import { mockIPC } from "@tauri-apps/api/mocks";

import type { HubError, StatusReport } from "../../src/lib/backend/bindings";
import type { Args, Call, Reply } from "../../src/lib/backend/client";
import * as fixtures from "./fixtures";

export type Scene = "full" | "empty" | "loading" | "failing" | "forbidden" | "unopened";

declare global {
  // eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- only an interface widens the DOM's own
  interface Window {
    scene: Scene;
    /** What the window has asked for so far. */
    calls: Call[];
    /** The hub stops answering, and the window hears of it. */
    loseHub: () => Promise<void>;
    /** Something changes in the hub. */
    change: (over: Partial<StatusReport>) => Promise<void>;
    /** Someone closes the window where there is no tray. */
    askToClose: () => Promise<void>;
    hasQuit: boolean;
  }
}

const PAGE = 200;

let lost = false;
let opened = false;
let changed: Partial<StatusReport> = {};

type Answers = { [C in Call]?: (args: Args<C>) => Reply<C> };

const full: Answers = {
  get_status: () => fixtures.status(changed),
  list_connections: () => fixtures.connections,
  list_people: ({ search, state, after, limit }) => {
    const start = Number(after ?? 0);
    const wanted = search?.toLowerCase() ?? "";
    const fitting = fixtures.people.filter(
      (person) =>
        person.name.toLowerCase().includes(wanted) &&
        (state === "any" || (state === "paired") === person.pairings.length > 0),
    );
    const end = start + (limit ?? PAGE);
    return {
      total: fitting.length,
      people: fitting.slice(start, end),
      next: end < fitting.length ? String(end) : null,
    };
  },
  list_activity: ({ state, platform, person, before, limit }) => {
    const start = Number(before ?? 0);
    const fitting = fixtures.entries.filter(
      (entry) =>
        (state === null || entry.state === state) &&
        (platform === null || entry.to_platform === platform || entry.from_platform === platform) &&
        (person === null || `${entry.author} ${entry.to}`.includes(person)),
    );
    const end = start + (limit ?? PAGE);
    return {
      entries: fitting.slice(start, end),
      next: end < fitting.length ? String(end) : null,
    };
  },
};

const none = { queued: 0, sending: 0, waiting_for_person: 0, uncertain: 0 };
const empty: Answers = {
  get_status: () =>
    fixtures.status({
      connections: [],
      paired_people: 0,
      deliveries: { ...none, delivered: 0, cancelled: 0, dead: 0 },
    }),
  list_connections: () => [],
  list_people: () => ({ total: 0, people: [], next: null }),
  list_activity: () => ({ entries: [], next: null }),
};

function answer<C extends Call>(call: C, args: Args<C>): Reply<C> | Promise<Reply<C>> {
  window.calls.push(call);
  if (lost) throw fixtures.hubUnavailable;
  const refuse = (error: HubError): Reply<C> => {
    // The frame's own status goes on, so that the page's failure is seen beside it.
    if (call !== "get_status" || location.hash.startsWith("#/home")) throw error;
    return ask(full, call, args);
  };
  switch (window.scene) {
    case "full":
      return ask(full, call, args);
    case "empty":
      return ask(empty, call, args);
    case "loading":
      return new Promise(() => undefined);
    case "failing":
      return refuse(fixtures.databaseFailed);
    case "forbidden":
      return refuse(fixtures.forbidden);
    case "unopened":
      if (!opened) throw fixtures.wrongKey;
      return ask(full, call, args);
  }
}

function ask<C extends Call>(answers: Answers, call: C, args: Args<C>): Reply<C> {
  const known = answers[call];
  if (known === undefined) throw new Error(`the stand-in does not know ${call}`);
  return known(args);
}

window.calls = [];
window.loseHub = async () => {
  lost = true;
  await emit("changed", null);
};
window.change = async (over) => {
  changed = over;
  await emit("changed", null);
};

window.askToClose = () => emit("closing", null);
window.hasQuit = false;

mockIPC(
  async (command, payload) => {
    if (command === "open_hub") {
      opened = true;
      return null;
    }
    if (command === "quit") {
      window.hasQuit = true;
      return null;
    }
    const { request } = payload as { request: { call: Call; args: Args<Call> } };
    return { call: request.call, reply: await answer(request.call, request.args) };
  },
  { shouldMockEvents: true },
);
