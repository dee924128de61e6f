/* A hub that is connected to all four platforms, with people who are represented on several. */
import type {
  AccountKind,
  AccountView,
  ConnectionView,
  ConsentState,
  FindingView,
  GuestState,
  Mode,
  PairingView,
  PersonView,
  Platform,
  PreflightReport,
  Rung,
  Suggestion,
} from "../../src/lib/backend/bindings";
import * as fixtures from "./fixtures";
import * as settings from "./settings-fixtures";
import type { Answers } from "./stand-in";

const NOW = Date.now();
const HOUR = 3_600_000;
const PLATFORMS: Platform[] = ["slack", "teams", "webex", "zoom"];
const NAMES: Record<Platform, string> = {
  slack: "Acme, Inc.",
  teams: "Acme GmbH",
  webex: "Acme Support",
  zoom: "Acme Field Services",
};

export const fourConnections: ConnectionView[] = PLATFORMS.map((platform, nth) => ({
  id: nth + 1,
  platform,
  name: NAMES[platform],
  health: { state: "connected", since: NOW - 26 * HOUR, last_success: NOW - 20_000, detail: null },
  paused_since: null,
  action: null,
  accounts: 120 - nth * 20,
  authorised: 30 - nth * 4,
}));

let lastId = 0;

function account(platform: Platform, name: string, kind: AccountKind = "full"): AccountView {
  lastId += 1;
  const connection = PLATFORMS.indexOf(platform) + 1;
  const authorised = kind === "guest" || platform === "zoom";
  return { id: lastId, connection, platform, name, kind, active: true, authorised };
}

type Way = { on: Platform; mode: Mode; as?: Rung; consent?: ConsentState; guest?: GuestState };

function person(id: number, name: string, primary: Platform, ways: Way[], others: Platform[] = []): PersonView {
  const kinds: Record<Mode, AccountKind | null> = { full: "full", guest: "guest", app: null };
  const there = ways.flatMap(({ on, mode }) => {
    const kind = kinds[mode];
    return kind === null ? [] : [account(on, name, kind)];
  });
  const pairings = ways.map(({ on, mode, as = mode, consent = "not_needed", guest = null }): PairingView => {
    lastId += 1;
    return {
      id: lastId,
      person: id,
      person_name: name,
      primary,
      secondary: on,
      mode,
      speaks_as: as,
      since: NOW - id * HOUR,
      consent: {
        state: consent,
        at: consent === "not_needed" ? null : NOW - 2 * HOUR,
        until: null,
        lapsed: false,
        how: consent === "not_needed" ? null : "device_code",
      },
      guest,
      plain: as === "app" ? "Messages go out through the app, with their name." : "Messages go out as them.",
      waiting: 0,
    };
  });
  return {
    id,
    name,
    email: `${name.toLowerCase().replace(/[^a-z]+/g, ".")}@acme.example`,
    accounts: [account(primary, name), ...there, ...others.map((one) => account(one, name))],
    pairings,
    waiting: 0,
    needs: [],
  };
}

const people: PersonView[] = [
  person(1, "Ann Lee", "slack", [
    { on: "teams", mode: "full", consent: "granted" },
    { on: "webex", mode: "guest", guest: "redeemed" },
    { on: "zoom", mode: "app" },
  ]),
  person(2, "Bob Stone", "teams", [
    { on: "slack", mode: "full", as: "app", consent: "asked" },
    { on: "zoom", mode: "full" },
  ]),
  person(3, "Maximiliane Schmidt-Wetterstein", "webex", [
    { on: "slack", mode: "full", consent: "granted" },
    { on: "teams", mode: "full", consent: "granted" },
    { on: "zoom", mode: "full" },
  ]),
  person(4, "Wanda Fisk", "webex", [{ on: "slack", mode: "app" }]),
  person(5, "Zara Quill", "zoom", [], ["teams"]),
  person(6, "Olof Dahl", "zoom", []),
];

const suggestions: Suggestion[] = [
  {
    person: 6,
    name: "Olof Dahl",
    kind: "ambiguous",
    accounts: [account("zoom", "Olof Dahl")],
    candidates: [account("slack", "Olof Dahl (Field)"), account("slack", "Olof Dahl (Sales)")],
    primary: "zoom",
    secondary: "slack",
    wish: null,
    wanted: null,
    words:
      "Olof Dahl has an account in Acme Field Services (Zoom Team Chat). 2 accounts in Acme, Inc. (Slack) go by the same name, but no verified address says that it is theirs.",
    aside: null,
  },
];

const findings: Partial<Record<Platform, FindingView[]>> = {
  webex: [
    {
      code: "live_events",
      subject: null,
      detail: "polling",
      weight: "advises",
      message: "Webex is asked for messages every few seconds.",
      stops: "Messages arrive a few seconds later than they could.",
      action: "Give the hub a public address (Settings > Public address): then Webex tells it when to look.",
      link: null,
    },
  ],
  zoom: [
    {
      code: "socket",
      subject: null,
      detail: "replaced",
      weight: "blocks",
      message: "Another connection took the WebSocket subscription over.",
      stops: "Nothing that is written in Zoom is heard.",
      action: "Make a subscription for this hub alone, and connect Zoom again with its ID.",
      link: "https://marketplace.zoom.us/user/build",
    },
  ],
};

const reports: PreflightReport[] = fourConnections.map(({ id, platform, name }) => ({
  connection: id,
  platform,
  name,
  at: NOW - 2 * HOUR,
  ok: platform !== "zoom",
  findings: findings[platform] ?? [],
  unknown: [],
  passed: [{ code: "reachable", subject: null, message: `${name} answers.` }],
}));

function listed({ search, view, primary, mode }: { search: string | null; view: string; primary: Platform | null; mode: Mode | null }) {
  return people.filter(
    ({ name, pairings }) =>
      name.toLowerCase().includes(search?.toLowerCase() ?? "") &&
      (view !== "paired" || pairings.length > 0) &&
      (view !== "unpaired" || pairings.length === 0) &&
      (primary === null || pairings.some((one) => one.primary === primary)) &&
      (mode === null || pairings.some((one) => one.mode === mode)),
  );
}

export const fourPlatforms: Answers = {
  get_status: () => fixtures.status({ connections: fourConnections, paired_people: 4 }),
  list_connections: () => fourConnections,
  get_needs: () => settings.nothingNeeded,
  get_stats: ({ span }) => settings.stats(span),
  list_capabilities: () => settings.capabilities,
  get_preflight: () => reports,
  run_preflight: () => reports,
  get_policy: () => settings.policy,
  get_address: () => settings.noAddress,
  list_people: ({ filter }) => ({ people: listed(filter), next: null }),
  count_people: ({ filter }) => {
    const of = (view: string) => listed({ ...filter, view }).length;
    return {
      any: of("any"),
      paired: of("paired"),
      unpaired: of("unpaired"),
      needs_attention: 0,
      waiting_for_consent: 0,
      suggestions: suggestions.length,
    };
  },
  get_person: ({ person: id }) => {
    const known = people.find((one) => one.id === id);
    if (known === undefined) throw fixtures.gone;
    return { person: known, legs: [], legs_left_out: 0, notices: [] };
  },
  list_suggestions: () => ({ total: suggestions.length, suggestions, next: null }),
  pair_person: (args) => {
    window.asked.push(args);
    return fixtures.people[0]?.pairings[0] ?? fail();
  },
  preview_bulk: ({ who }) =>
    fixtures.preview("people" in who ? who.people.map(String) : listed(who.matching).map(({ name }) => name)),
  preview_unpairing: () => ({ people: 1, pairings: 1, waiting: 0, guests: 0, not_paired: 0 }),
  start_pairing: (args) => {
    window.asked.push(args);
    return fixtures.job({ kind: "pair", total: 1, done: 1 });
  },
  list_jobs: () => [],
  list_activity: () => ({ entries: [], next: null }),
};

function fail(): never {
  throw fixtures.gone;
}
