import { expect, test } from "vitest";

import type { ActivityEntry, PairingView, PersonView, Platform, StatusReport } from "../../lib/backend/bindings";
import { firstMessageOf, stageOf, stepsOf, testPairOf } from "./firstRun";

function hub(platforms: Platform[], paired_people = 0, delivered = 0): StatusReport {
  const connections = platforms.map((platform, id) => ({ id, platform }));
  return { connections, paired_people, deliveries: { delivered } } as StatusReport;
}

const entry = (over: Partial<ActivityEntry>) =>
  ({ id: 1, operation: "post", state: "delivered", ...over }) as ActivityEntry;

test.each([
  [hub([]), ["current", "later", "later", "later"]],
  [hub(["slack"]), ["done", "current", "later", "later"]],
  [hub(["slack", "slack"]), ["done", "current", "later", "later"]],
  [hub(["slack", "teams"], 1), ["done", "done", "current", "later"]],
  [hub(["slack", "teams"], 2), ["done", "done", "done", "current"]],
  [hub(["slack"], 2), ["done", "current", "later", "later"]],
])("the first step that the hub does not have is the current one (%#)", (status, states) => {
  expect(Object.values(stepsOf(status))).toEqual(states);
});

test("a delivered consent request is not the first message", () => {
  const first = firstMessageOf([
    entry({ id: 2, state: "waiting_for_person" }),
    entry({ id: 1, operation: "prompt" }),
  ]);
  expect(first).toMatchObject({ delivered: null, underway: { id: 2 } });
  expect(stageOf(hub(["slack", "teams"], 2, 1), first, true)).toBe("steps");
});

test("the first delivered message is news only to who has seen the guide", () => {
  const first = firstMessageOf([entry({ id: 9 }), entry({ id: 3 })]);
  expect(first.delivered?.id).toBe(3);
  const status = hub(["slack", "teams"], 2, 2);
  expect(stageOf(status, first, true)).toBe("delivered");
  expect(stageOf(status, first, false)).toBe("over");
  expect(stageOf(status, undefined, false)).toBe("over");
  expect(stageOf(hub(["slack", "teams"], 2, 500), undefined, false)).toBe("over");
});

function person(id: number, primary: Platform, secondary: Platform, mode: PairingView["mode"]) {
  return { id, pairings: [{ primary, secondary, mode }] } as PersonView;
}

test("the first message goes to someone with an account that can be found, where there is one", () => {
  const people = [
    person(1, "slack", "teams", "app"),
    person(2, "teams", "slack", "full"),
    person(3, "slack", "teams", "full"),
  ];
  expect(testPairOf(people)).toMatchObject({ writer: { id: 1 }, reader: { id: 2 }, on: "slack", found: true });
  expect(testPairOf([person(1, "slack", "teams", "app"), person(2, "teams", "slack", "app")])).toMatchObject({
    writer: { id: 1 },
    reader: { id: 2 },
    found: false,
  });
});

test("people of one platform alone have nobody to write to", () => {
  expect(testPairOf([person(1, "slack", "teams", "full"), person(3, "slack", "teams", "full")])).toBeNull();
});
