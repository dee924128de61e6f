import type {
  AccountView,
  ActivityEntry,
  ConnectionView,
  DeliveryState,
  HubError,
  PairingView,
  PersonView,
  StatusReport,
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
    action: "Make a new client secret for the app in Entra and connect the tenant again.",
    accounts: 398,
    authorised: 120,
  },
];

export function status(over: Partial<StatusReport> = {}): StatusReport {
  return {
    version: "0.1.0",
    home: "/home/ada/.local/share/causeway",
    role: "relaying",
    since: NOW - 26 * HOUR,
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
    authorised: id % 3 === 0,
  };
}

function pairing(id: number, person: string): PairingView {
  return {
    id,
    person: id,
    person_name: person,
    primary: id % 2 === 0 ? "slack" : "teams",
    secondary: id % 2 === 0 ? "teams" : "slack",
    mode: id % 5 === 0 ? "app" : "full",
    speaks_as: id % 3 === 0 ? "full" : "app",
    since: NOW - id * HOUR,
    legs: Array.from({ length: 14 }, (_, leg) => ({
      id: leg + 1,
      platform: leg % 2 === 0 ? "slack" : "teams",
      kind: leg % 3 === 0 ? "native" : "group",
      state: leg % 5 === 4 ? "old" : "current",
      with: name(leg + 2),
      opened: leg % 4 !== 3,
    })),
    consent: { state: "not_needed", at: null, until: null, lapsed: false, how: null },
    guest: null,
    plain: "Messages go out through the app, with their name.",
    waiting: 0,
  };
}

export const people: PersonView[] = Array.from({ length: 412 }, (_, index) => {
  const id = index + 1;
  const owner = name(index);
  const address = `${owner.toLowerCase().replace(/[^a-z]+/g, ".")}${id}@acme.example`;
  return {
    id,
    name: owner,
    email: id % 9 === 0 ? null : address,
    accounts: [account(id * 2, "slack", owner), account(id * 2 + 1, "teams", owner)],
    pairings: id % 4 === 3 ? [] : [pairing(id, owner)],
    waiting: id === 4 ? 3 : 0,
  };
});

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
