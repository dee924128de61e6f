import type {
  AccountView,
  ActivityEntry,
  BulkPreview,
  ConnectionView,
  ConsentView,
  DeliveryDetails,
  DeliveryState,
  HubError,
  JobView,
  LegView,
  PairingView,
  PersonDetails,
  PersonView,
  StatusReport,
  Suggestion,
} from "../../src/lib/backend/bindings";

const NOW = Date.now();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A healthy Slack workspace and a Teams tenant that needs someone. */
export const connections: ConnectionView[] = [
  {
    id: 1,
    platform: "slack",
    name: "Acme, Inc.",
    health: {
      state: "connected",
      since: NOW - 26 * HOUR,
      last_success: NOW - 20_000,
      detail: null,
    },
    paused_since: null,
    action: null,
    accounts: 412,
    authorised: 96,
  },
  {
    id: 2,
    platform: "teams",
    name: "Acme GmbH & Co. KG Produktions- und Vertriebsgesellschaft Süd",
    health: {
      state: "needs_authorisation",
      since: NOW - 14 * MINUTE,
      last_success: NOW - 15 * MINUTE,
      detail: "Microsoft no longer accepts the client secret (AADSTS7000222).",
    },
    paused_since: null,
    action: "Make a new client secret for the app in Entra and connect the tenant again.",
    accounts: 398,
    authorised: 120,
  },
];

export function status(over: Partial<StatusReport> = {}): StatusReport {
  return {
    version: "0.1.0",
    process: 4711,
    home: "/home/ada/.local/share/causeway",
    role: "relaying",
    since: NOW - 26 * HOUR,
    paused_since: null,
    key: "keychain",
    listener: null,
    connections,
    deliveries: {
      queued: 4,
      sending: 1,
      waiting_for_person: 3,
      uncertain: 1,
      delivered: 18_204,
      cancelled: 12,
      dead: 2,
    },
    paired_people: 188,
    revision: 1,
    ...over,
  };
}

const FIRST = ["Ann", "Bob", "Cho", "Dana", "Eli", "Farah", "Gustav", "Hye-jin", "Ines", "Jo"];
const LAST = ["Lee", "Park", "Ruiz", "Okonkwo", "Lindqvist-Papadopoulou", "Berg", "Tan"];

function name(index: number): string {
  return `${FIRST[index % FIRST.length]} ${LAST[index % LAST.length]}`;
}

function account(id: number, platform: "slack" | "teams", owner: string): AccountView {
  return {
    id,
    connection: platform === "slack" ? 1 : 2,
    platform,
    name: owner,
    kind: id % 17 === 0 ? "guest" : "full",
    active: id % 11 !== 0,
    // Dana has not answered yet.
    authorised: id % 3 === 0 && id !== 9,
  };
}

const CONSENTS: ConsentView["state"][] = ["granted", "not_asked", "asked", "declined", "revoked"];

function pairing(id: number, person: string): PairingView {
  const mode = id % 5 === 0 ? "app" : id % 6 === 0 ? "guest" : "full";
  const state = id === 4 ? "asked" : (CONSENTS[(id + 1) % CONSENTS.length] ?? "granted");
  return {
    id,
    person: id,
    person_name: person,
    primary: id % 2 === 0 ? "slack" : "teams",
    secondary: id % 2 === 0 ? "teams" : "slack",
    mode,
    speaks_as: mode === "full" && state === "granted" ? "full" : "app",
    since: NOW - id * HOUR,
    consent:
      mode === "full"
        ? {
            state,
            at: state === "not_asked" ? null : NOW - 2 * HOUR,
            until: state === "asked" ? NOW + 40 * HOUR : null,
            lapsed: false,
            how: "device_code",
          }
        : { state: "not_needed", at: null, until: null, lapsed: false, how: null },
    guest: mode === "guest" ? "invited" : null,
    plain:
      id === 4
        ? "They were asked to authorise their own account and have not answered yet; 3 messages wait for it."
        : "Messages go out through the app, with their name.",
    waiting: id === 4 ? 3 : 0,
  };
}

export const people: PersonView[] = Array.from({ length: 412 }, (_, index) => {
  const id = index + 1;
  const owner = name(index);
  const address = `${owner.toLowerCase().replace(/[^a-z]+/g, ".")}${id}@acme.example`;
  const pairings = id % 4 === 3 ? [] : [pairing(id, owner)];
  const lost = pairings.some(({ mode, consent }) => mode === "full" && consent.state === "revoked");
  return {
    id,
    name: owner,
    email: id % 9 === 0 ? null : address,
    accounts: [account(id * 2, "slack", owner), account(id * 2 + 1, "teams", owner)],
    pairings,
    waiting: id === 4 ? 3 : 0,
    needs: id === 10 ? ["stuck", "noticed"] : lost ? ["authorisation_lost"] : [],
  };
});

/** Everything about one of them. */
export function details(id: number): PersonDetails | undefined {
  const person = people.find((one) => one.id === id);
  if (person === undefined) return undefined;
  const legs = Array.from({ length: 5 }, (_, leg): LegView => {
    const other = name(id + leg);
    return {
      id: leg + 1,
      platform: leg % 2 === 0 ? "slack" : "teams",
      kind: leg % 3 === 0 ? "native" : "group",
      state: leg === 4 ? "old" : "current",
      with: other,
      opened: leg !== 3,
      hears:
        leg % 3 === 0
          ? `What ${person.name} writes to ${other} directly is carried.`
          : `What ${person.name} writes in this group with the app is carried to ${other}.`,
      deaf:
        leg === 1
          ? `What ${person.name} writes to the account of ${other} in Acme, Inc. (Slack) directly is not heard.`
          : null,
      remedy: leg === 1 ? `It is, once ${other} answers what they were asked.` : null,
    };
  });
  return {
    person,
    legs: person.pairings.length === 0 ? [] : legs,
    legs_left_out: 0,
    notices: person.needs.includes("noticed")
      ? ["Someone could not be asked to authorise their account. Ask them in person."]
      : [],
  };
}

export const suggestions: Suggestion[] = Array.from({ length: 60 }, (_, index) => {
  const id = 1_000 + index;
  const owner = name(index);
  const kind = (["wanted", "match", "ambiguous", "missing"] as const)[index % 4] ?? "missing";
  const both = kind === "match";
  return {
    person: id,
    name: owner,
    kind,
    accounts: [
      account(id * 2, "slack", owner),
      ...(both ? [account(id * 2 + 1, "teams", owner)] : []),
    ],
    candidates: kind === "ambiguous" ? [account(id * 2 + 1, "teams", `${owner} (Sales)`)] : [],
    primary: both ? null : "slack",
    secondary: both ? null : "teams",
    wish: kind === "match" ? "full" : kind === "ambiguous" ? null : "guest",
    wanted: kind === "wanted" ? { platform: "teams", times: 3, at: NOW - HOUR } : null,
    words: both
      ? `${owner} has accounts in Acme, Inc. (Slack) and in Acme GmbH (Microsoft Teams). Say where they work.`
      : kind === "ambiguous"
        ? `${owner} has an account in Acme, Inc. (Slack); one in Acme GmbH (Microsoft Teams) has the same name and another address.`
        : `${owner} has an account in Acme, Inc. (Slack) and none to use in Acme GmbH (Microsoft Teams): they can get a guest account.`,
    aside: null,
  };
});

/** What pairing so many would do. */
export function preview(names: string[]): BulkPreview {
  const many = names.length;
  const problems = Math.floor(many / 5);
  return {
    people: many,
    summary: { full: many - problems, guest: 0, app: 0, asked: many - problems, problems },
    effects: names.slice(0, 200).map((owner, index) => ({
      person: { id: index + 1 },
      name: owner,
      mode: index < problems ? null : "full",
      words:
        index < problems
          ? unusable(owner)
          : `${owner} is represented by their own account in Acme GmbH (Microsoft Teams); they are asked once, at their first message across, to authorise it.`,
      problem:
        index < problems
          ? {
              code: "not_pairable",
              message: unusable(owner),
              hint: null,
              action: "Pair them through the app instead.",
              severity: "failed",
              correlation_id: "01939d3c7a5e4f30",
            }
          : null,
      asks: index >= problems,
      how: index < problems ? null : "device_code",
    })),
  };
}

function unusable(owner: string): string {
  return `The account of ${owner} in Acme GmbH (Microsoft Teams) is switched off.`;
}

export function job(over: Partial<JobView>): JobView {
  return {
    id: 1,
    kind: "pair",
    state: "running",
    started_at: NOW,
    ended_at: null,
    done: 64,
    total: 412,
    failed: 0,
    failures: [],
    words: "64 people are paired.",
    error: null,
    ...over,
  };
}

/** What happened to a delivery of the list. */
export function delivery(id: number): DeliveryDetails | undefined {
  const entry = entries.find((one) => one.id === id);
  if (entry === undefined) return undefined;
  const at = entry.received_at;
  const [from, to] = [entry.from_platform, entry.to_platform].map((one) => one === "slack" ? "Slack" : "Microsoft Teams");
  const open = ["queued", "waiting_for_person", "uncertain"].includes(entry.state);
  return {
    entry,
    timeline: [
      { step: "written", at: entry.written_at, words: `${entry.author ?? "The hub"} wrote it in ${from}.` },
      { step: "received", at, words: "The hub kept it, and only then told the platform that it had." },
      { step: "routed", at, words: `It is for ${entry.to} in ${to}, in their direct conversation, and took its place in that lane.` },
      ...(entry.settled_at === null
        ? [{ step: "waiting" as const, at: null, words: entry.state === "uncertain" ? `The connection broke while it was sent to ${to}: whether it arrived is not known.` : "It waits for somebody to change this: an authorisation is missing." }]
        : [
            { step: "sent" as const, at: entry.sent_at, words: `It was sent to ${to} by the app.` },
            { step: "confirmed" as const, at: entry.settled_at, words: `${to} has confirmed it, and the hub knows its id there.` },
            { step: "settled" as const, at: entry.settled_at, words: "It has arrived." },
          ]),
    ],
    cannot_retry: open ? null : "It has arrived.",
    cannot_skip: open ? null : "It has arrived.",
  };
}

const STATES: DeliveryState[] = [
  "sending",
  "queued",
  "waiting_for_person",
  "uncertain",
  "delivered",
  "delivered",
  "dead",
  "delivered",
  "cancelled",
  "delivered",
];

export const entries: ActivityEntry[] = Array.from({ length: 1_600 }, (_, index) => {
  const state = STATES[index % STATES.length] ?? "delivered";
  const fromSlack = index % 3 !== 0;
  const written = NOW - index * 7 * MINUTE - 4_000;
  const sent = state === "delivered" ? written + 180 + index * 7 : null;
  return {
    id: 10_000 - index,
    operation: index % 6 === 5 ? "edit" : "post",
    state,
    reason: reasonOf(state),
    author: index % 13 === 12 ? null : name(index),
    to: name(index + 3),
    from_platform: index % 13 === 12 ? null : fromSlack ? "slack" : "teams",
    to_platform: fromSlack ? "teams" : "slack",
    rung: sent === null ? null : index % 2 === 0 ? "full" : "app",
    attempts: state === "dead" ? 7 : 1,
    late: index % 20 === 4,
    written_at: written,
    received_at: written + 60,
    sent_at: sent,
    settled_at: sent === null ? null : sent + 240,
    permalink: sent === null ? null : `https://acme.slack.com/archives/D01/p${written}`,
  };
});

function reasonOf(state: DeliveryState): ActivityEntry["reason"] {
  switch (state) {
    case "waiting_for_person":
      return "not_authorised";
    case "uncertain":
      return "unknown_outcome";
    case "cancelled":
      return "deleted_before";
    case "dead":
      return "gone";
    case "queued":
    case "sending":
    case "delivered":
      return null;
  }
}

export const databaseFailed: HubError = {
  code: "database_failed",
  message: "The list could not be read from the database.",
  hint: "The disk may have been removed or may be failing.",
  action: "Check the disk that holds the data folder.",
  severity: "failed",
  correlation_id: "01939d3c7a5e4f2c",
};

export const forbidden: HubError = {
  code: "forbidden",
  message: "This computer’s account may not read the list.",
  hint: "The data folder belongs to another user.",
  action: "Ask the owner of the data folder to let you use it.",
  severity: "failed",
  correlation_id: "01939d3c7a5e4f2d",
};

export const refusedToken: HubError = {
  code: "not_authorised",
  message: "Slack did not accept the credentials (invalid_auth).",
  hint: "While doing: auth.test.",
  action: "Copy them again from the platform’s console and connect once more.",
  severity: "failed",
  correlation_id: "01939d3c7a5e4f30",
};

export const wrongKey: HubError = {
  code: "wrong_key",
  message: "The database in /home/ada/.local/share/causeway does not open with the key that was found.",
  hint: "The data folder may come from another computer.",
  action: "Put the key file of that computer where CAUSEWAY_KEY_FILE points to.",
  severity: "blocking",
  correlation_id: "01939d3c7a5e4f2e",
};

export const hubUnavailable: HubError = {
  code: "hub_unavailable",
  message: "The relay that holds the data folder went away.",
  hint: null,
  action: "Wait a moment, or start the relay again.",
  severity: "blocking",
  correlation_id: "01939d3c7a5e4f2f",
};

export const gone: HubError = {
  code: "not_found",
  message: "There is no such person.",
  hint: null,
  action: "Look it up again: it may have changed meanwhile.",
  severity: "failed",
  correlation_id: "01939d3c7a5e4f31",
};
