import type { ActivityEntry, ConnectionView, PersonView, Platform, StatusReport } from "../../lib/backend/bindings";

/** What leads to the first delivered message, in order. */
export const STEPS = ["first", "second", "people", "message"] as const;
export type Step = (typeof STEPS)[number];
export type StepState = "done" | "current" | "later";

/** Where the guide is: its steps, the news that it has led to its end, or nothing to be shown. */
export type Stage = "steps" | "delivered" | "over";

/** The first message that was delivered, and the newest that is still on its way. */
export type FirstMessage = { delivered: ActivityEntry | null; underway: ActivityEntry | null };

/** How the reading of what was carried goes. */
export type Reading = {
  isError: boolean;
  error: unknown;
  isFetching: boolean;
  refetch: () => unknown;
};

/** Consent requests are delivered too: only among so few can it be that none was a message. */
const FEW = 100;

/** The platforms that are connected, in the order in which they were. */
export function platformsOf(connections: ConnectionView[]): Platform[] {
  return [...new Set(connections.map(({ platform }) => platform))];
}

/** How far the steps are, by what the hub has; the one that is not done and comes first is the current one. */
export function stepsOf(status: StatusReport): Record<Step, StepState> {
  const platforms = platformsOf(status.connections).length;
  const done = [platforms > 0, platforms > 1, platforms > 1 && status.paired_people > 1, false];
  const current = done.indexOf(false);
  const state = (nth: number): StepState =>
    nth < current ? "done" : nth === current ? "current" : "later";
  return { first: state(0), second: state(1), people: state(2), message: state(3) };
}

/** Whether it has to be read which of the few deliveries were messages. */
export function asksForFirst(status: StatusReport): boolean {
  return platformsOf(status.connections).length > 1 && status.deliveries.delivered <= FEW;
}

/** @param watched whether the steps were seen since the window opened. */
export function stageOf(
  status: StatusReport,
  first: FirstMessage | undefined,
  watched: boolean,
): Stage {
  const { delivered } = status.deliveries;
  if (delivered === 0) return "steps";
  if (first !== undefined && first.delivered === null && delivered <= FEW) return "steps";
  return watched && first !== undefined && first.delivered !== null ? "delivered" : "over";
}

/** Newest first, as Activity tells them. */
export function firstMessageOf(entries: ActivityEntry[]): FirstMessage {
  const posts = entries.filter(({ operation }) => operation === "post");
  const underway = posts.find(({ state }) => state !== "delivered" && state !== "cancelled");
  const delivered = posts.findLast(({ state }) => state === "delivered");
  return { delivered: delivered ?? null, underway: underway ?? null };
}

/** Who could write the first message to whom. */
export type TestPair = {
  writer: PersonView;
  reader: PersonView;
  /** Where it is written. */
  on: Platform;
  /** Whether the reader has an account there that can be found. */
  found: boolean;
};

/** Two people whose primary platforms differ, best those of whom the reader is found by name. */
export function testPairOf(people: PersonView[]): TestPair | null {
  const pairs = people.flatMap((writer) =>
    people.flatMap((reader) =>
      reader.pairings
        .filter(({ secondary }) => writer.id !== reader.id && worksOn(writer, secondary))
        .map(({ mode, secondary: on }) => ({ writer, reader, on, found: mode !== "app" })),
    ),
  );
  return pairs.find(({ found }) => found) ?? pairs[0] ?? null;
}

function worksOn({ pairings }: PersonView, platform: Platform): boolean {
  return pairings.some(({ primary }) => primary === platform);
}
