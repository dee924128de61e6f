import { expect, test } from "vitest";

import type { ConsentView, HealthState, PairingView, StatusReport } from "./backend/bindings";
import { connectionsInNeed, deliveriesInNeed } from "./needs";
import { accountMark, consentMark, DELIVERY_STATES, deliveryMark, pairingMark, personMark, relayMark } from "./words";

function status(states: HealthState[], over: Partial<StatusReport> = {}): StatusReport {
  return {
    version: "1",
    home: "/data",
    role: "relaying",
    since: 0,
    paused_since: null,
    process: 1,
    key: "key_file",
    listener: null,
    connections: states.map((state, id) => ({
      id,
      platform: "slack",
      name: "Acme",
      health: { state, since: 0, last_success: null, detail: null },
      paused_since: null,
      action: null,
      accounts: 0,
      authorised: 0,
    })),
    deliveries: {
      queued: 0,
      sending: 0,
      waiting_for_person: 2,
      uncertain: 1,
      delivered: 0,
      cancelled: 0,
      dead: 9,
    },
    paired_people: 0,
    revision: 0,
    ...over,
  };
}

test("every delivery state has a word and an icon of its own", () => {
  const marks = DELIVERY_STATES.map(deliveryMark);
  expect(new Set(marks.map((mark) => mark.word)).size).toBe(DELIVERY_STATES.length);
  expect(new Set(marks.map((mark) => mark.icon)).size).toBe(DELIVERY_STATES.length);
});

test.each<[HealthState[], string]>([
  [[], "Not set up"],
  [["connected", "connected"], "Relaying"],
  [["connected", "connecting"], "Connecting"],
  [["connecting", "paused"], "Partly paused"],
  [["paused", "degraded"], "Degraded"],
  [["degraded", "needs_authorisation"], "Needs authorisation"],
])("the one status of %j is the worst: %s", (states, word) => {
  expect(relayMark(status(states)).word).toBe(word);
});

test("a folder that nobody relays is never shown as relaying", () => {
  expect(relayMark(status(["connected"], { role: "idle" })).word).toBe("Not relaying");
});

test("a paused relay is shown as paused, however its connections are", () => {
  expect(relayMark(status(["needs_authorisation"], { paused_since: 1 })).word).toBe("Paused");
});

test("only what a person can change is counted as needing one", () => {
  const report = status(["connected", "degraded", "paused", "needs_authorisation", "connecting"]);
  expect(connectionsInNeed(report).map(({ id }) => id)).toEqual([1, 3]);
  expect(deliveriesInNeed(report)).toBe(3);
});

const FULL = { mode: "full", guest: null, speaks_as: "app" } as const;

function consent(state: ConsentView["state"], lapsed = false): ConsentView {
  return { state, at: null, until: null, lapsed, how: null };
}

test("what needs somebody comes before the pairing, and the worse pairing before the better", () => {
  const app = { ...FULL, mode: "app", consent: consent("not_needed") } as PairingView;
  const asked = { ...FULL, consent: consent("asked") } as PairingView;
  expect(personMark({ pairings: [], needs: [] }).word).toBe("Not paired");
  expect(personMark({ pairings: [app, asked], needs: [] }).word).toBe("Asked");
  expect(personMark({ pairings: [asked], needs: ["stuck"] }).word).toBe("Messages are stuck");
});

test("a question that nobody answered in time looks other than one that is open", () => {
  expect(consentMark(consent("asked")).tone).toBe("waiting");
  expect(consentMark(consent("asked", true)).tone).toBe("attention");
});

test("where the organisation’s app may act as its members, nobody’s consent is missing", () => {
  const nobodyAsked = { ...FULL, consent: consent("not_needed") } as const;
  expect(pairingMark({ ...nobodyAsked, speaks_as: "full" }).word).toBe("No consent needed");
  expect(pairingMark({ ...nobodyAsked, speaks_as: "app" }).word).toBe("Cannot be asked");
});

test("a guest is in use only once it is signed in", () => {
  const guest = { ...FULL, mode: "guest", guest: "redeemed", consent: consent("not_needed") } as const;
  expect(pairingMark(guest).tone).toBe("attention");
  expect(pairingMark({ ...guest, speaks_as: "guest" }).tone).toBe("ok");
});

test("a deactivated account is that, whatever it once authorised", () => {
  const mark = accountMark({ kind: "full", active: false, authorised: true });
  expect(mark.word).toBe("Deactivated");
});
