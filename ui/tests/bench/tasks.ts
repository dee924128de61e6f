import type { Browser, Page } from "playwright-core";

type TraceEvent = {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  ts: number;
  dur?: number;
  tdur?: number;
};

/** In ms: as the clock has it, and as the thread itself was running. */
export type Tasks = { longestMs: number; longestCpuMs: number };

const BEGUN = "the bench begins";
const ENDED = "the bench ends";

/** The longest task of the page's main thread while `work` goes on, from Chromium's own trace. */
export async function tasksDuring(
  browser: Browser,
  page: Page,
  work: () => Promise<void>,
): Promise<Tasks> {
  const categories = ["toplevel", "blink.user_timing", "disabled-by-default-devtools.timeline"];
  await browser.startTracing(page, { categories });
  await mark(page, BEGUN);
  await work();
  await mark(page, ENDED);
  const trace = await browser.stopTracing();
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  return longest(traceEvents);
}

function mark(page: Page, name: string): Promise<void> {
  return page.evaluate((name) => void performance.mark(name), name);
}

function longest(events: TraceEvent[]): Tasks {
  const begun = events.find(({ name }) => name === BEGUN);
  const ended = events.find(({ name }) => name === ENDED);
  if (begun === undefined || ended === undefined) {
    throw new Error("the trace lacks the bench's own marks");
  }
  const tasks = events.filter(
    ({ name, ph, pid, tid, ts }) =>
      ph === "X" &&
      name.endsWith("RunTask") &&
      pid === begun.pid &&
      tid === begun.tid &&
      ts > begun.ts &&
      ts < ended.ts,
  );
  if (tasks.length === 0) throw new Error("the trace has no tasks");
  return {
    longestMs: Math.max(...tasks.map(({ dur }) => dur ?? 0)) / 1_000,
    longestCpuMs: Math.max(...tasks.map(({ tdur }) => tdur ?? 0)) / 1_000,
  };
}
