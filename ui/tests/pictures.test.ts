/*
 * The pictures of the documents: every page, full, in both themes. Written by `npm run pictures`, from
 * the built bundle and the same stand-in that the page tests use.
 */
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import type { Scene } from "./pages/stand-in";
import { Stage } from "./pages/window";

const IMAGES = fileURLToPath(new URL("../../docs/images/", import.meta.url));
const SIZE = { width: 1280, height: 800 };

type Picture = {
  name: string;
  scene?: Scene;
  hash: string;
  /** What has to be there before it is taken. */
  sign: string;
  /** What is done first. */
  after?: (page: Page) => Promise<void>;
};

const PICTURES: Picture[] = [
  { name: "first-run", scene: "empty", hash: "#/home", sign: "Nothing is connected yet" },
  { name: "home", hash: "#/home", sign: "things need you" },
  { name: "platforms", hash: "#/platforms", sign: "2 connections" },
  { name: "people", hash: "#/people", sign: "Ann Lee" },
  { name: "person", hash: "#/people?open=1", sign: "Represented on" },
  { name: "activity", hash: "#/activity", sign: "Needs a person" },
  {
    name: "palette",
    hash: "#/people",
    sign: "Ann Lee",
    after: async (page) => {
      await page.keyboard.press("Control+k");
      await page.getByRole("option").first().waitFor();
    },
  },
  {
    name: "sandbox",
    hash: "#/sandbox",
    sign: "engineers work in Slack",
    after: async (page) => {
      await page.getByRole("button", { name: "Start the sandbox" }).click();
      await page.getByText("Microsoft Teams said that it stands there.").waitFor();
    },
  },
  { name: "settings", hash: "#/settings", sign: "The hub listens on" },
];

let stage: Stage;

beforeAll(async () => {
  await mkdir(IMAGES, { recursive: true });
  stage = await Stage.set();
});

afterAll(() => stage.strike());

test.each(PICTURES)("$name", async ({ name, scene = "full", hash, sign, after }) => {
  const { page, context, complaints } = await stage.open(scene, hash, SIZE);
  await page.getByText(sign).first().waitFor();
  await after?.(page);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: `${IMAGES}${name}-${colorScheme}.png` });
  }
  expect(complaints).toEqual([]);
  await context.close();
});
