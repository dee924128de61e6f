import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { type Page, PAGES } from "../../src/lib/router";
import { accessibilityFaults, overflows, unreachableByTab } from "./inspect";
import type { Scene } from "./stand-in";
import { type AppWindow, SIZES, Stage } from "./window";

const SHOTS = fileURLToPath(new URL("../../test-results/", import.meta.url));

/** The Sandbox page asks no hub: what it shows has a test of its own. */
type PageName = Exclude<Page, "sandbox">;
const NAMES = PAGES.own.filter((name): name is PageName => name !== "sandbox");

type State = "full" | "empty" | "loading" | "failing" | "forbidden" | "offline";
const STATES: State[] = ["full", "empty", "loading", "failing", "forbidden", "offline"];

/** What has to be on the page before it is looked at. */
const SIGNS: Record<State, Record<PageName, string>> = {
  full: {
    home: "6 things need you",
    settings: "The hub listens on",
    platforms: "2 connections",
    people: "Ann Lee",
    activity: "Needs a person",
  },
  empty: {
    home: "Nothing is connected yet",
    settings: "None: the hub does not listen.",
    platforms: "No platform is connected yet",
    people: "No people yet",
    activity: "No deliveries yet",
  },
  loading: {
    home: "Loading Home",
    settings: "Loading the public address",
    platforms: "Loading Platforms",
    people: "Loading People",
    activity: "Loading Activity",
  },
  failing: each("The database failed"),
  forbidden: each("This is not allowed"),
  offline: each("This may be out of date."),
};

function each(sign: string): Record<PageName, string> {
  return { home: sign, platforms: sign, people: sign, activity: sign, settings: sign };
}

let stage: Stage;

beforeAll(async () => {
  await mkdir(SHOTS, { recursive: true });
  stage = await Stage.set();
});

afterAll(() => stage.strike());

describe.each(NAMES)("%s", (name) => {
  test.each(STATES)("%s is readable, fits, and is reached by keyboard", async (state) => {
    const window = await openIn(state, name);
    const { page } = window;
    await page.getByText(SIGNS[state][name]).first().waitFor({ state: "attached" });
    for (const [size, viewport] of Object.entries(SIZES)) {
      await page.setViewportSize(viewport);
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await page.screenshot({ path: `${SHOTS}${name}-${state}-${size}-${colorScheme}.png` });
        expect(await accessibilityFaults(page)).toEqual([]);
      }
      expect(await overflows(page)).toEqual([]);
      expect(await unreachableByTab(page)).toEqual([]);
    }
    expect(window.complaints).toEqual([]);
    await window.context.close();
  });
});

async function openIn(state: State, name: PageName): Promise<AppWindow> {
  const scene: Scene = state === "offline" ? "full" : state;
  const window = await stage.open(scene, `#/${name}`);
  if (state === "offline") {
    await window.page.getByText(SIGNS.full[name]).first().waitFor();
    await window.page.evaluate(() => globalThis.window.loseHub());
  }
  return window;
}
