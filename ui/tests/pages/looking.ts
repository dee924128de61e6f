import { fileURLToPath } from "node:url";

import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";

import { accessibilityFaults, overflows } from "./inspect";
import type { Scene } from "./stand-in";
import { type AppWindow, SIZES, Stage } from "./window";

const SHOTS = fileURLToPath(new URL("../../test-results/", import.meta.url));

/**
 * A stage for the tests of a file. What a test opens is closed after it, and complained of nothing.
 *
 * @returns how a test opens its window, at a hash such as `#/people`.
 */
export function onStage(): (scene: Scene, hash: string) => Promise<Page> {
  let stage: Stage;
  let shown: AppWindow | undefined;
  beforeAll(async () => {
    stage = await Stage.set();
  });
  afterEach(async () => {
    const complaints = shown?.complaints;
    await shown?.context.close();
    shown = undefined;
    expect(complaints).toEqual([]);
  });
  afterAll(() => stage.strike());
  return async (scene, hash) => {
    shown = await stage.open(scene, hash);
    return shown.page;
  };
}

/** Both sizes and themes are taken, judged by axe, and stick out nowhere. */
export async function isSound(page: Page, name: string): Promise<void> {
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: `${SHOTS}${name}-${size}-${colorScheme}.png` });
      expect(await accessibilityFaults(page)).toEqual([]);
    }
    expect(await overflows(page)).toEqual([]);
  }
}

/** The smallest window at text size 200 %: half the room, twice as large. */
export async function holdsAtTwice(page: Page, name: string): Promise<void> {
  const { width, height } = SIZES.small;
  await page.setViewportSize({ width: width / 2, height: height / 2 });
  await page.screenshot({ path: `${SHOTS}${name}-twice.png` });
  expect(await overflows(page)).toEqual([]);
}
