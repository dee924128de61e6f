/* A hub on its way to the first delivered message, one scene for each step. */
import { emit } from "@tauri-apps/api/event";

import type {
  ActivityEntry,
  ConnectionView,
  JobView,
  PeopleCounts,
  Platform,
  StatusReport,
} from "../../src/lib/backend/bindings";
import * as fixtures from "./fixtures";
import { fourConnections } from "./four-platforms";
import { nobodyAndNothing } from "./people-and-activity";
import * as settings from "./settings-fixtures";
import type { Answers } from "./stand-in";

export type FirstRunScene =
  | "one_platform"
  | "two_platforms"
  | "found"
  | "found_on_four"
  | "paired"
  | "held_up"
  | "one_sided"
  | "through_app";

declare global {
  // eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- only an interface widens the DOM's own
  interface Window {
    /** Someone writes the first message; it stands so. */
    write: (state: ActivityEntry["state"]) => Promise<void>;
    /** The hub asks someone for their consent, which is delivered and is no message. */
    askForConsent: () => Promise<void>;
  }
}

/** Newest first. */
let carried: ActivityEntry[] = [];
let jobs: JobView[] = [];

window.write = async (state) => {
  carried = carried.filter(({ operation }) => operation !== "post");
  carried = [entry({ id: 2, operation: "post", state }), ...carried];
  await emit("changed", null);
};
window.askForConsent = async () => {
  carried = [entry({ id: 1, operation: "prompt", state: "delivered", author: null }), ...carried];
  await emit("changed", null);
};

function entry(over: Partial<ActivityEntry>): ActivityEntry {
  const [known] = fixtures.entries;
  if (known === undefined) throw new Error("the fixtures have deliveries");
  const settled_at = over.state === "delivered" ? Date.now() : null;
  const reason = over.state === "waiting_for_person" ? "awaiting_consent" : null;
  return { ...known, author: "Ann Lee", to: "Bob Park", settled_at, reason, ...over };
}

const connections: ConnectionView[] = fixtures.connections.map((known) => ({
  ...known,
  name: known.platform === "slack" ? "Acme, Inc." : "Acme GmbH",
  health: { ...known.health, state: "connected", detail: null },
  action: null,
}));

function status(over: Partial<StatusReport>): StatusReport {
  const delivered = carried.filter(({ state }) => state === "delivered").length;
  const none = { queued: 0, sending: 0, waiting_for_person: 0, uncertain: 0 };
  const deliveries = { ...none, delivered, cancelled: 0, dead: 0 };
  return fixtures.status({ connections, paired_people: 0, deliveries, ...over });
}

const counts: PeopleCounts = {
  any: 412,
  paired: 0,
  unpaired: 412,
  needs_attention: 0,
  waiting_for_consent: 0,
  suggestions: 412,
};

const set: Answers = {
  ...nobodyAndNothing,
  list_connections: () => connections,
  get_needs: () => settings.nothingNeeded,
  get_stats: () => settings.nothingDelivered,
  list_capabilities: () => settings.capabilities,
  get_preflight: () => [],
  get_policy: () => settings.policy,
  get_address: () => settings.noAddress,
  list_jobs: () => jobs,
  start_import: () => {
    const job = fixtures.job({ kind: "import", total: null, done: 400, words: "Slack: 400 added." });
    jobs = [job];
    return job;
  },
  preview_bulk: () => ({
    people: 412,
    summary: { full: 388, guest: 0, app: 0, asked: 388, problems: 24 },
    effects: [],
  }),
  list_activity: () => ({ entries: carried, next: null }),
};

/** Those of the fixtures who are paired, and how they are represented. */
function somePaired(primaries: Platform[], mode: "full" | "app"): Answers {
  const people = fixtures.people
    .filter(({ pairings }) => pairings.length > 0)
    .slice(0, 2)
    .map((person, nth) => ({
      ...person,
      pairings: person.pairings.map((pairing) => {
        const primary = primaries[nth] ?? "slack";
        const secondary: Platform = primary === "teams" ? "slack" : "teams";
        return { ...pairing, mode, primary, secondary };
      }),
    }));
  return {
    ...set,
    get_status: () => status({ paired_people: 2 }),
    count_people: () => ({ ...counts, paired: 2, unpaired: 410 }),
    list_people: ({ filter }) => ({
      people: people.filter(({ pairings }) => pairings.some(({ primary }) => primary === filter.primary)),
      next: null,
    }),
  };
}

export function answersOf(scene: FirstRunScene): Answers {
  switch (scene) {
    case "one_platform":
      return {
        ...set,
        get_status: () => status({ connections: connections.slice(0, 1) }),
        list_connections: () => connections.slice(0, 1),
      };
    case "two_platforms":
      return { ...set, get_status: () => status({}) };
    case "found":
      return {
        ...set,
        get_status: () => status({}),
        count_people: () => counts,
        list_people: () => ({
          people: fixtures.people.slice(0, 200).map((one) => ({ ...one, pairings: [], needs: [] })),
          next: "200",
        }),
      };
    case "found_on_four":
      return {
        ...set,
        get_status: () => status({ connections: fourConnections }),
        list_connections: () => fourConnections,
        count_people: () => counts,
        list_people: () => ({ people: [], next: null }),
      };
    case "paired":
      return somePaired(["slack", "teams"], "full");
    case "held_up":
      return {
        ...somePaired(["slack", "teams"], "full"),
        get_status: () => status({ paired_people: 2, connections: fixtures.connections }),
        get_needs: () => settings.needs,
      };
    case "one_sided":
      return somePaired(["slack", "slack"], "full");
    case "through_app":
      return somePaired(["slack", "teams"], "app");
  }
}
