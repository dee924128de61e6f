import { expect, test } from "vitest";

import type { FindingView, PreflightReport, Weight } from "../../lib/backend/bindings";
import { isAwaited, outcomeOf, placeOf, pollingOf } from "./checks";

function finding(weight: Weight, code: FindingView["code"] = "reading"): FindingView {
  const none = { subject: null, detail: null, link: null };
  return { ...none, code, weight, message: "m", stops: "s", action: "a" };
}

function report(weights: Weight[], unknown = 0, at = 0): PreflightReport {
  return {
    connection: 1,
    platform: "slack",
    name: "Acme",
    at,
    ok: true,
    findings: weights.map((weight) => finding(weight)),
    unknown: Array.from({ length: unknown }, () => ({ code: "writing", subject: null, message: "u" })),
    passed: [],
  };
}

test.each<[Weight[], number, string, string]>([
  [[], 0, "ok", "everything is as it should be"],
  [[], 1, "ok", "nothing is wrong, 1 thing could not be found out"],
  [["advises"], 0, "waiting", "1 finding, nothing is kept from working"],
  [["limits", "advises"], 2, "attention", "2 findings, 1 keeps something from working"],
  [["blocks", "limits"], 0, "broken", "2 findings, 2 keep something from working"],
])("%j with %i unknown is %s: %s", (weights, unknown, tone, word) => {
  expect(outcomeOf(report(weights, unknown))).toMatchObject({ tone, word });
});

test("the hub's own check is awaited until it comes, and a minute at most", () => {
  const since = 1_000_000;
  expect(isAwaited(undefined, null, since)).toBe(false);
  expect(isAwaited(undefined, since, since + 5_000)).toBe(true);
  expect(isAwaited(report([], 0, since - 1), since, since + 5_000)).toBe(true);
  expect(isAwaited(report([], 0, since + 5_000), since, since + 5_000)).toBe(false);
  expect(isAwaited(undefined, since, since + 61_000)).toBe(false);
});

test("a platform that is polled is known by its finding", () => {
  expect(pollingOf(undefined)).toBeUndefined();
  expect(pollingOf(report(["advises"]))).toBeUndefined();
  const polled = { ...report([]), findings: [finding("advises", "live_events")] };
  expect(pollingOf(polled)?.code).toBe("live_events");
});

test("what is put right in this window leads there", () => {
  expect(placeOf("credentials", "slack")?.to).toEqual({ page: "platforms", connect: "slack" });
  expect(placeOf("socket", "zoom")?.to).toEqual({ page: "platforms", connect: "zoom" });
  expect(placeOf("live_events", "teams")?.to).toEqual({ page: "settings" });
  expect(placeOf("live_events", "zoom")?.to).toEqual({ page: "platforms", connect: "zoom" });
  expect(placeOf("sign_ins", "teams")?.to).toMatchObject({ view: "needs_attention" });
  expect(placeOf("guest_invitations", "teams")).toBeNull();
});
