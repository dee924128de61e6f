/*
 * A large organisation's lists beside empty ones, and beside short ones that are drawn alike: the same
 * pages, gestures and events, in turns. Times are printed and judged as ratios, and none fails the run.
 */
import type { Server } from "node:http";

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { bundleStandIn, launch, originOf, serveBundle } from "../pages/window";
import { against, atMost, beside, type Figure, print, told } from "./figures";
import { Hub, PER_SECOND } from "./hub";
import type { Size, Watched } from "./stand-in";
import { type Tasks, tasksDuring } from "./tasks";

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const WINDOW = { width: 1200, height: 800 };

const NOTCHES = 180;
const NOTCH_PX = 600;
const NOTCH_MS = 25;
/** A short list is gone through down and up again. */
const NOTCHES_OF_SHORT = 10;
const LIVE_MS = 4_000;

/** What fits into the window and is drawn ahead on both sides, and room for larger windows. */
const MOST_ROWS = 60;
const MOST_TIMES = 2;

type Gesture = {
  name: string;
  hash: string;
  /** What has to be there before it begins. */
  signs: Record<Size, string>;
  make: (page: Page, size: Size) => Promise<void>;
};
type Seen = Tasks & Watched;

const PEOPLE = { large: "200 of", short: "200 of", empty: "No people yet" };
const DELIVERIES = { large: "200 read", short: "200 entries", empty: "No deliveries yet" };

const GESTURES: Gesture[] = [
  { name: "people_scroll", hash: "#/people", signs: PEOPLE, make: scroll },
  { name: "activity_scroll", hash: "#/activity", signs: DELIVERIES, make: scroll },
  { name: "activity_live", hash: "#/activity", signs: DELIVERIES, make: live },
];

const SIZES = ["large", "short", "empty"] as const;

const hub = new Hub();
let browser: Browser;
let server: Server;
let standIn: string;

beforeAll(async () => {
  [browser, server, standIn] = await Promise.all([
    launch(),
    serveBundle(hub.listen),
    bundleStandIn("tests/bench/stand-in.ts"),
  ]);
});

afterAll(async () => {
  await browser.close();
  await new Promise((done) => server.close(done));
});

test("lists of 100,000 people and 1,000,000 deliveries are measured beside empty ones", async () => {
  const nothing = (): Record<Size, Seen[]> => ({ large: [], short: [], empty: [] });
  const seen = new Map(GESTURES.map((gesture) => [gesture, nothing()]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [gesture, taken] of seen) {
      for (const size of SIZES) taken[size].push(await measure(gesture, size));
    }
  }
  print([...seen].flatMap(([{ name }, taken]) => figures(name, taken)));
  for (const [{ make }, { large }] of seen) {
    // Otherwise something else was measured.
    const passed = Math.min(...large.map(({ lastRow }) => lastRow));
    if (make === scroll) expect(passed).toBeGreaterThan(2_000);
  }
});

function figures(name: string, { large, short, empty }: Record<Size, Seen[]>): Figure[] {
  const task = (of: Seen[]) => of.map(({ longestMs }) => longestMs);
  const cpu = (of: Seen[]) => of.map(({ longestCpuMs }) => longestCpuMs);
  const gap = (of: Seen[]) => of.map(({ longestGapMs }) => longestGapMs);
  return [
    against(`${name}_task`, "ms", task(large), task(empty), MOST_TIMES, "empty list"),
    beside(`${name}_task_to_short`, "ms", task(large), task(short)),
    beside(`${name}_cpu`, "ms", cpu(large), cpu(empty)),
    beside(`${name}_cpu_to_short`, "ms", cpu(large), cpu(short)),
    beside(`${name}_frame_gap`, "ms", gap(large), gap(empty)),
    atMost(`${name}_drawn`, "rows", large.map(({ mostRows }) => mostRows), MOST_ROWS),
    told(`${name}_passed`, "rows", large.map(({ lastRow }) => lastRow)),
  ];
}

/** In a window of its own, so that no round finds what another has left. */
async function measure({ hash, signs, make }: Gesture, size: Size): Promise<Seen> {
  const context = await browser.newContext({ viewport: WINDOW, reducedMotion: "reduce" });
  await context.addInitScript(`window.size = ${JSON.stringify(size)};\n${standIn}`);
  const page = await context.newPage();
  await page.goto(`${originOf(server)}/${hash}`);
  await page.getByText(signs[size]).first().waitFor();
  await page.mouse.move(WINDOW.width / 2, WINDOW.height / 2);
  await page.evaluate(() => window.watch());
  const tasks = await tasksDuring(browser, page, () => make(page, size));
  const watched = await page.evaluate(() => window.unwatch());
  await context.close();
  return { ...tasks, ...watched };
}

async function scroll(page: Page, size: Size): Promise<void> {
  for (let notch = 0; notch < NOTCHES; notch += 1) {
    const up = size === "short" && Math.floor(notch / NOTCHES_OF_SHORT) % 2 === 1;
    await page.mouse.wheel(0, up ? -NOTCH_PX : NOTCH_PX);
    await pause(NOTCH_MS);
  }
}

async function live(page: Page): Promise<void> {
  hub.begin();
  await page.evaluate((perSecond) => window.tellChanges(perSecond), PER_SECOND);
  await pause(LIVE_MS);
  await page.evaluate(() => window.tellNoMore());
  hub.end();
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
