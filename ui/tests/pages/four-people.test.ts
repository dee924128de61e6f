/* People where there are four platforms: on several at once, and asked which are meant. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";

import { unreachableByTab } from "./inspect";
import { holdsAtTwice, isSound, onStage } from "./looking";

const open = onStage();

async function choose(page: Page, label: string, option: string) {
  await page.getByRole("combobox", { name: new RegExp(`^${label}:`) }).click();
  await page.getByRole("option", { name: option, exact: true }).click();
}

const asked = (page: Page) => page.evaluate(() => window.asked.at(-1));

test("a row shows every platform on which somebody is represented, and how", async () => {
  const page = await open("four", "#/people");
  const ann = page.getByRole("row", { name: /Ann Lee/ });
  for (const name of ["Slack", "Microsoft Teams", "Webex", "Zoom Team Chat"]) {
    await ann.getByRole("img", { name, exact: true }).first().waitFor();
  }
  await ann.getByTitle("Webex: Guest").waitFor();
  await ann.getByTitle("Zoom Team Chat: App").waitFor();
  await isSound(page, "people-four");
  await holdsAtTwice(page, "people-four");
  await choose(page, "Primary platform", "Webex");
  await page.waitForURL(/primary=webex/);
  await page.getByRole("row", { name: /Wanda Fisk/ }).waitFor();
  expect(await ann.count()).toBe(0);
});

test("somebody's panel has all their pairings, and the one more that there could be", async () => {
  const page = await open("four", "#/people?open=2");
  const panel = page.getByRole("complementary", { name: "Bob Stone" });
  await panel.getByText("No consent needed").waitFor();
  expect(await panel.getByRole("button", { name: "Change mode" }).count()).toBe(2);
  const ask = panel.getByRole("button", { name: "Ask now" }).or(panel.getByRole("button", { name: "Ask again" }));
  expect(await ask.last().getAttribute("title")).toContain("may act as its members");
  await isSound(page, "person-four");
  await panel.getByRole("button", { name: "Represent on another platform" }).click();
  const pair = page.getByRole("complementary", { name: "Pair Bob Stone" });
  // They work in Teams and stand on Slack and Zoom already.
  await pair.getByText(/Webex$/).waitFor();
  expect(await pair.getByRole("combobox").count()).toBe(0);
  await pair.getByRole("radio", { name: /^A guest account/ }).check();
  await pair.getByText("they can talk with its members, and not with other guests", { exact: false }).waitFor();
  await isSound(page, "pair-webex-guest");
  await holdsAtTwice(page, "pair-webex-guest");
  await pair.getByRole("button", { name: "Pair 1 person" }).click();
  await page.waitForFunction(() => window.asked.length > 0);
  expect(await asked(page)).toMatchObject({ primary: "teams", secondary: "webex", wish: "guest" });
});

test("whoever is represented everywhere is offered nowhere else", async () => {
  const page = await open("four", "#/people?open=1");
  const panel = page.getByRole("complementary", { name: "Ann Lee" });
  await panel.getByText("Guest in use").waitFor();
  const signIn = panel.getByRole("button", { name: "Sign the guest in" });
  expect(await signIn.getAttribute("title")).toBe("The hub speaks as this guest already.");
  expect(await panel.getByRole("button", { name: "Represent on another platform" }).count()).toBe(0);
});

test("whoever has accounts in two places is asked where they work", async () => {
  const page = await open("four", "#/people?open=5");
  await page.getByRole("button", { name: "Pair", exact: true }).click();
  const pair = page.getByRole("complementary", { name: "Pair Zara Quill" });
  await pair.getByRole("combobox", { name: /^They work in:/ }).click();
  const offered = (await page.getByRole("option").allTextContents()).map((text) => text.trim());
  expect(offered).toEqual(["Choose a platform", "Microsoft Teams", "Zoom Team Chat"]);
  await page.getByRole("option", { name: "Zoom Team Chat" }).click();
  await choose(page, "They are represented in", "Slack");
  await pair.getByRole("button", { name: "Pair 1 person" }).click();
  await page.waitForFunction(() => window.asked.length > 0);
  expect(await asked(page)).toMatchObject({ primary: "zoom", secondary: "slack", wish: "best" });
});

test("all who fit are paired only once it is said which two platforms are meant", async () => {
  const page = await open("four", "#/people?view=unpaired&select=all");
  await page.getByRole("button", { name: "Pair 2 people", exact: true }).click();
  const panel = page.getByRole("complementary", { name: "Pair 2 people" });
  const run = panel.getByRole("button", { name: "Pair 2 people" });
  expect(await run.getAttribute("title")).toBe("Choose where they work, and where they are represented.");
  await isSound(page, "pair-which-two");
  expect(await unreachableByTab(page)).toEqual([]);
  expect(await page.evaluate(() => window.calls)).not.toContain("preview_bulk");
  await choose(page, "They work in", "Slack");
  await page.getByRole("combobox", { name: /^They are represented in:/ }).click();
  expect(await page.getByRole("option", { name: "Slack", exact: true }).count()).toBe(0);
  await page.getByRole("option", { name: "Zoom Team Chat" }).click();
  await panel.getByRole("radio", { name: /^Their own account/ }).check();
  await panel.getByText("nobody is asked", { exact: false }).first().waitFor();
  await isSound(page, "pair-zoom-full");
  await run.click();
  await page.waitForFunction(() => window.asked.length > 0);
  expect(await asked(page)).toMatchObject({ primary: "slack", secondary: "zoom", wish: "full" });
});

test("a suggestion names its platform, can be turned to another, and says what guests are there", async () => {
  const page = await open("four", "#/people?view=suggestions");
  await page.getByText("1 person could be paired").waitFor();
  const way = page.getByRole("combobox", { name: /^Olof Dahl is represented by:/ });
  expect(await way.textContent()).toContain("The account Olof Dahl (Field)");
  await isSound(page, "suggestions-four");
  await choose(page, "Olof Dahl is represented in", "Webex");
  expect(await way.textContent()).toContain("A guest account");
  await page.getByText("and not with other guests", { exact: false }).waitFor();
  await isSound(page, "suggestions-webex");
  await holdsAtTwice(page, "suggestions-webex");
  await page.getByRole("button", { name: "Pair Olof Dahl" }).click();
  await page.waitForFunction(() => window.asked.length > 0);
  expect(await asked(page)).toMatchObject({ primary: "zoom", secondary: "webex", wish: "guest" });
});
