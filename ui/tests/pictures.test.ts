/*
 * The pictures of the documents: every page and what matters of its states, in both themes. Written by
 * `npm run pictures`, from the built bundle and the same stand-in that the page tests use.
 */
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";

import type { Platform } from "../src/lib/backend/bindings";
import type { Scene } from "./pages/stand-in";
import { SIZES, Stage } from "./pages/window";
import { withPalette } from "./palette-png";

const IMAGES = fileURLToPath(new URL("../../docs/images/", import.meta.url));

type Picture = {
  name: string;
  scene?: Scene;
  hash: string;
  /** What has to be there before it is taken. */
  sign: string;
  /** What is done first. */
  after?: (page: Page) => Promise<unknown>;
  /** The windows it is taken in: the smallest alone, unless a large one shows more than more room. */
  sizes?: (keyof typeof SIZES)[];
};

const BOTH: Picture["sizes"] = ["small", "large"];
const FAILED = "The database failed";

const press = (name: string) => (page: Page) =>
  page.getByRole("button", { name, exact: true }).first().click();

function sees(...steps: ((page: Page) => Promise<unknown>)[]) {
  return async (page: Page) => {
    for (const step of steps) await step(page);
  };
}

const text = (words: string) => (page: Page) => page.getByText(words).first().waitFor();

/** The sandbox runs, with accounts on these platforms. */
function sandbox(...platforms: Platform[]) {
  return sees(
    (page) => page.evaluate((wanted) => void (window.acmePlatforms = wanted), platforms),
    press("Start the sandbox"),
    text("Microsoft Teams said that it stands there."),
    text("I look at it after lunch."),
  );
}

function palette(page: Page) {
  return page.keyboard.press("Control+k").then(() => page.getByRole("option").first().waitFor());
}

async function askEli(page: Page) {
  await page.getByRole("combobox", { name: "Who uses Slack" }).selectOption("eli@acme.example");
  await text("Answer as Eli Novak:")(page);
}

async function writeToNobody(page: Page) {
  await press("Kill the hub")(page);
  const field = page.getByRole("textbox", { name: "Message Bob Stone" });
  await field.fill("Then I send it tonight.");
  await field.press("Enter");
  await page.getByRole("article").getByText("Then I send it tonight.").waitFor();
}

const PICTURES: Picture[] = [
  { name: "first-run", scene: "empty", hash: "#/home", sign: "Nothing is connected yet" },
  { name: "first-run-people", scene: "found", hash: "#/home", sign: "can be paired" },
  { name: "first-run-message", scene: "paired", hash: "#/home", sign: "Waiting for the first message." },
  { name: "home", hash: "#/home", sign: "things need you", sizes: BOTH },
  {
    name: "pause-failed",
    hash: "#/home",
    sign: "things need you",
    after: sees(
      (page) => page.evaluate(() => void window.refused.push("set_paused")),
      press("Pause"),
      text("The relay was not paused."),
    ),
  },
  { name: "unopened", scene: "unopened", hash: "#/home", sign: "Causeway cannot open its data" },
  { name: "platforms", hash: "#/platforms", sign: "2 connections" },
  { name: "platforms-empty", scene: "empty", hash: "#/platforms", sign: "No platform is connected yet" },
  { name: "platforms-failing", scene: "failing", hash: "#/platforms", sign: FAILED },
  { name: "platforms-checks", hash: "#/platforms?checks=teams", sign: "Stops messages", sizes: BOTH },
  {
    name: "platforms-checks-empty",
    hash: "#/platforms?checks=slack",
    sign: "Nothing is wrong",
    after: sees(
      (page) => page.evaluate(() => void (window.reports = [])),
      (page) => page.evaluate(() => window.change({})),
      text("A check asks the platform"),
    ),
  },
  { name: "platforms-checks-failing", scene: "failing", hash: "#/platforms?checks=teams", sign: FAILED },
  {
    name: "connect-slack",
    scene: "empty",
    hash: "#/platforms?connect=slack",
    sign: "https://api.slack.com/apps?new_app=1",
    sizes: ["large"],
  },
  {
    name: "connect-teams",
    scene: "empty",
    hash: "#/platforms?connect=teams",
    sign: "Client secret",
    after: sees(
      press("Make a certificate"),
      text("3F9A0C5D7E21B84466D0A1F2C3B4E5968778695A"),
      // Pressing has moved the form a little.
      (page) => page.locator("aside form").evaluate((form) => form.parentElement?.scrollTo(0, 0)),
    ),
    sizes: ["large"],
  },
  {
    name: "connect-webex",
    scene: "empty",
    hash: "#/platforms?connect=webex",
    sign: "https://developer.webex.com/my-apps/new",
    sizes: ["large"],
  },
  {
    name: "connect-zoom",
    scene: "empty",
    hash: "#/platforms?connect=zoom",
    sign: "https://marketplace.zoom.us",
    sizes: ["large"],
  },
  { name: "platforms-four", scene: "four", hash: "#/platforms", sign: "4 connections", sizes: BOTH },
  { name: "people", hash: "#/people", sign: "Ann Lee", sizes: BOTH },
  { name: "people-four", scene: "four", hash: "#/people", sign: "Ann Lee", sizes: BOTH },
  { name: "people-empty", scene: "empty", hash: "#/people", sign: "No people yet" },
  { name: "people-failing", scene: "failing", hash: "#/people", sign: FAILED },
  {
    name: "people-stale",
    hash: "#/people",
    sign: "Ann Lee",
    after: sees((page) => page.evaluate(() => window.loseHub()), text("This may be out of date.")),
  },
  { name: "people-selected", hash: "#/people?view=unpaired&select=all", sign: "that fit are selected" },
  {
    name: "pairing",
    hash: "#/people?view=unpaired&select=all",
    sign: "that fit are selected",
    after: sees(press("Pair 103 people"), text("83 as their own account")),
    sizes: BOTH,
  },
  { name: "suggestions", hash: "#/people?view=suggestions", sign: "Say where they work" },
  { name: "person", hash: "#/people?open=4", sign: "Represented on", sizes: BOTH },
  { name: "activity", hash: "#/activity", sign: "Needs a person", sizes: BOTH },
  { name: "activity-empty", scene: "empty", hash: "#/activity", sign: "No deliveries yet" },
  { name: "activity-failing", scene: "failing", hash: "#/activity", sign: FAILED },
  { name: "delivery", hash: "#/activity?open=9995", sign: "It has arrived.", sizes: BOTH },
  { name: "delivery-uncertain", hash: "#/activity?open=9997", sign: "whether it arrived is not known" },
  { name: "sandbox-stopped", hash: "#/sandbox", sign: "engineers work in Slack" },
  {
    name: "sandbox-failed",
    scene: "failing",
    hash: "#/sandbox",
    sign: "engineers work in Slack",
    after: sees(press("Start the sandbox"), text("no temporary folder can be made")),
  },
  {
    name: "sandbox",
    hash: "#/sandbox",
    sign: "engineers work in Slack",
    after: sandbox("slack", "teams"),
    sizes: BOTH,
  },
  {
    name: "sandbox-four",
    hash: "#/sandbox",
    sign: "engineers work in Slack",
    after: sees(sandbox("slack", "teams", "webex", "zoom"), press("Webex"), press("Zoom")),
    sizes: BOTH,
  },
  {
    name: "sandbox-asked",
    hash: "#/sandbox",
    sign: "engineers work in Slack",
    after: sees(sandbox("slack", "teams"), askEli),
  },
  {
    name: "sandbox-killed",
    hash: "#/sandbox",
    sign: "engineers work in Slack",
    after: sees(sandbox("slack", "teams"), writeToNobody),
  },
  { name: "settings", hash: "#/settings", sign: "The hub listens on", sizes: BOTH },
  { name: "palette", hash: "#/people", sign: "Ann Lee", after: palette },
  {
    name: "palette-sandbox",
    hash: "#/sandbox/people",
    sign: "Its pages are here as soon as it runs.",
    after: palette,
  },
  {
    name: "keys",
    hash: "#/home",
    sign: "things need you",
    after: sees((page) => page.keyboard.press("?"), text("Ctrl K")),
  },
];

let stage: Stage;

beforeAll(async () => {
  await mkdir(IMAGES, { recursive: true });
  const old = (await readdir(IMAGES)).filter((file) => file.endsWith(".png"));
  await Promise.all(old.map((file) => rm(`${IMAGES}${file}`)));
  stage = await Stage.set();
});

afterAll(() => stage.strike());

test.each(PICTURES)("$name", async ({ name, scene = "full", hash, sign, after, sizes = ["small"] }) => {
  const { page, context, complaints } = await stage.open(scene, hash, SIZES.small);
  await page.getByText(sign).first().waitFor();
  await after?.(page);
  for (const size of sizes) {
    await page.setViewportSize(SIZES[size]);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      const picture = await page.screenshot();
      await writeFile(`${IMAGES}${name}-${size}-${colorScheme}.png`, withPalette(picture));
    }
  }
  expect(complaints).toEqual([]);
  await context.close();
});
