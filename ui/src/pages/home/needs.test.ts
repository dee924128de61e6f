import { expect, test } from "vitest";

import type { ConnectionView, HealthState, NeedsReport, StatusReport } from "../../lib/backend/bindings";
import { answerOf, needsOf } from "./needs";

function connection(id: number, state: HealthState): ConnectionView {
  return {
    id,
    platform: "teams",
    name: "Acme",
    health: { state, since: 0, last_success: null, detail: null },
    paused_since: null,
    action: null,
    accounts: 0,
    authorised: 0,
  };
}

const report: NeedsReport = {
  connections: [connection(1, "degraded"), connection(2, "needs_authorisation")],
  notices: [
    {
      id: 5,
      connection: 2,
      platform: "teams",
      code: "administrator_consent_needed",
      person: null,
      message: "Only an administrator may.",
      action: "Consent.",
      link: "https://login.example/consent",
      at: 0,
    },
  ],
  uncertain: 1,
  stuck: 0,
  consents: [
    { person: 4, name: "Dana Ruiz", platform: "teams", connection: 2, deliveries: 3, until: 9 },
  ],
  wanted: [{ person: 6, name: "Eli Novak", platform: "slack", times: 1 }],
};

test("what stops messages comes first, and what gets well by itself near the end", () => {
  expect(needsOf(report).map(({ key }) => key)).toEqual([
    "connection 2",
    "uncertain",
    "notice 5",
    "consent 4 2",
    "connection 1",
    "wanted 6 slack",
  ]);
});

test("each need says what to do, and only new credentials lead to a form", () => {
  const [broken, uncertain, notice, , degraded] = needsOf(report);
  expect(broken?.action).toMatchObject({ to: { page: "platforms", connect: "teams" } });
  expect(degraded?.action).toMatchObject({ to: { page: "platforms", connect: null } });
  expect(uncertain?.action).toMatchObject({ to: { page: "activity", state: "uncertain" } });
  expect(notice).toMatchObject({ link: "https://login.example/consent", detail: "Consent." });
});

test("what a check has found leads to the checks of its platform, and is not dismissed", () => {
  const [told] = report.notices;
  if (told === undefined) throw new Error("the report has a notice");
  for (const code of ["preflight_findings", "credential_ends"] as const) {
    const [need] = needsOf({ ...report, connections: [], uncertain: 0, notices: [{ ...told, code }] });
    expect(need?.action).toMatchObject({ kind: "go", to: { page: "platforms", checks: "teams" } });
  }
});

test("a notice of a kind that this window does not know yet is told as it comes, and can be dismissed", () => {
  const [told] = report.notices;
  const unknown = { ...told, code: "not_known_yet" } as unknown as NeedsReport["notices"][number];
  const [need] = needsOf({ ...report, connections: [], uncertain: 0, notices: [unknown] });
  expect(need).toMatchObject({ text: "Only an administrator may.", action: { kind: "dismiss" } });
});

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
      ...connection(id, state),
      platform: id === 0 ? "slack" : "teams",
    })),
    deliveries: {
      queued: 7,
      sending: 0,
      waiting_for_person: 0,
      uncertain: 0,
      delivered: 0,
      cancelled: 0,
      dead: 0,
    },
    paired_people: 0,
    revision: 0,
    ...over,
  };
}

test.each<[HealthState[], string]>([
  [["connected", "connected"], "Messages are flowing"],
  [["connected"], "One platform is connected"],
  [["connected", "connecting"], "The platforms are being connected"],
  [["connecting", "paused"], "Nothing is sent to Microsoft Teams: it is paused"],
  [["degraded", "paused"], "Messages with Slack are held up"],
  [["degraded", "needs_authorisation"], "Messages with Microsoft Teams have stopped"],
])("with %j the one line is: %s", (states, word) => {
  expect(answerOf(status(states), 0).mark.word).toBe(word);
});

test("messages flow however much needs somebody, and a pause says what waits", () => {
  const flowing = answerOf(status(["connected", "connected"]), 3);
  expect(flowing).toMatchObject({
    mark: { word: "Messages are flowing" },
    explanation: "3 things need you",
  });
  const paused = answerOf(status(["needs_authorisation"], { paused_since: 1 }), 3);
  expect(paused.mark.word).toBe("The relay is paused");
  expect(paused.explanation).toContain("7 deliveries wait");
});
