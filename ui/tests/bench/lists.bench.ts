/*
 * A large organisation's lists beside empty ones: the same pages, gestures and events, in turns. Times
 * are printed and judged as ratios, and none fails the run.
 */
import type { Server } from "node:http";

import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import { bundleStandIn, launch, originOf, serveBundle } from "../pages/window";
import { against, atMost, type Figure, print, told } from "./figures";
import { Hub, PER_SECOND } from "./hub";
import type { Size, Watched } from "./stand-in";
import { type Tasks, tasksDuring } from "./tasks";

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 7);
const WINDOW = { width: 1200, height: 800 };

const NOTCHES = 180;
const NOTCH_PX = 600;
const NOTCH_MS = 25;
const LIVE_MS = 4_000;

/** Twice what fits into the window at its smallest rows, and what is drawn ahead. */
const MOST_ROWS = 60;
const MOST_TIMES = 2;

type Gesture = { name: string; hash: string; sign: Record<Size, string>; do: (page: Page) => Promise<void> };
type Seen = Tasks & Watched;

const GESTURES: Gesture[] = [
  { name: "people_scroll", hash: "#/people", sign: { large: "200 of", empty: "No people yet" }, do: scroll },
  { name: "activity_scroll", hash: "#/activity", sign: { large: "200 read", empty: "No deliveries yet" }, do: scroll },
  { name: "activity_live", hash: "#/activity", sign: { large: "200 read", empty: "No deliveries yet" }, do: live },
];

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
  const seen = new Map(GESTURES.map(({ name }) => [name, { large: [] as Seen[], empty: [] as Seen[] }]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const gesture of GESTURES) {
      for (const size of ["large", "empty"] as const) {
        seen.get(gesture.name)?.[size].push(await measure(gesture, size));
      }
    }
  }
  print([...seen].flatMap(([name, { large, empty }]) => figures(name, large, empty)));
  for (const name of ["people_scroll", "activity_scroll"]) {
    // Otherwise something else was measured.
    expect(Math.min(...(seen.get(name)?.large ?? []).map(({ lastRow }) => lastRow))).toBeGreaterThan(2_000);
  }
});

function figures(name: string, large: Seen[], empty: Seen[]): Figure[] {
  const compared = (what: string, of: (seen: Seen) => number) =>
    against(`${name}_${what}`, "ms", large.map(of), empty.map(of), MOST_TIMES, "empty list");
  return [
    compared("task_ms", ({ longestMs }) => longestMs),
    compared("task_cpu_ms", ({ longestCpuMs }) => longestCpuMs),
    compared("frame_gap_ms", ({ longestGapMs }) => longestGapMs),
    atMost(`${name}_rows_drawn`, "rows", large.map(({ mostRows }) => mostRows), MOST_ROWS),
    told(`${name}_rows_passed`, "rows", large.map(({ lastRow }) => lastRow)),
  ];
}

/** In a window of its own, so that no round finds what another has left. */
async function measure({ hash, sign, do: work }: Gesture, size: Size): Promise<Seen> {
  const context = await browser.newContext({ viewport: WINDOW, reducedMotion: "reduce" });
  await context.addInitScript(`window.size = ${JSON.stringify(size)};\n${standIn}`);
  const page = await context.newPage();
  await page.goto(`${originOf(server)}/${hash}`);
  await page.getByText(sign[size]).first().waitFor();
  await page.mouse.move(WINDOW.width / 2, WINDOW.height / 2);
  await page.evaluate(() => window.watch());
  const tasks = await tasksDuring(browser, page, () => work(page));
  const watched = await page.evaluate(() => window.unwatch());
  await context.close();
  return { ...tasks, ...watched };
}

async function scroll(page: Page): Promise<void> {
  for (let notch = 0; notch < NOTCHES; notch += 1) {
    await page.mouse.wheel(0, NOTCH_PX);
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
