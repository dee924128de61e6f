import { expect, test } from "vitest";

import type { HealthState, StatusReport } from "./backend/bindings";
import { connectionsInNeed, deliveriesInNeed } from "./needs";
import { accountMark, DELIVERY_STATES, deliveryMark, personMark, relayMark } from "./words";

function status(states: HealthState[], over: Partial<StatusReport> = {}): StatusReport {
  return {
    version: "1",
    home: "/data",
    role: "relaying",
    since: 0,
    key: "key_file",
    listener: null,
    connections: states.map((state, id) => ({
      id,
      platform: "slack",
      name: "Acme",
      health: { state, since: 0, last_success: null, detail: null },
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

test("only what a person can change is counted as needing one", () => {
  const report = status(["connected", "degraded", "paused", "needs_authorisation", "connecting"]);
  expect(connectionsInNeed(report).map(({ id }) => id)).toEqual([1, 3]);
  expect(deliveriesInNeed(report)).toBe(3);
});

test("waiting messages come before the pairing", () => {
  expect(personMark({ pairings: [1], waiting: 1 }).word).toBe("1 message waits");
  expect(personMark({ pairings: [1], waiting: 0 }).word).toBe("Paired");
  expect(personMark({ pairings: [], waiting: 0 }).word).toBe("Not paired");
});

test("a deactivated account is that, whatever it once authorised", () => {
  const mark = accountMark({ kind: "full", active: false, authorised: true });
  expect(mark.word).toBe("Deactivated");
});
