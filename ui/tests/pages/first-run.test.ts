/* From an empty hub to the first delivered message. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";

import { unreachableByTab } from "./inspect";
import { holdsAtTwice, isSound, onStage } from "./looking";
import type { Scene } from "./stand-in";

const open = onStage();

const guide = (page: Page) => page.getByRole("region", { name: "Set up Causeway" });
const current = (page: Page) => page.locator("li[aria-current='step']");

test.each<[Scene, string, string, string]>([
  ["empty", "0 of 4 done", "Connect the first platform", "Nothing is connected yet"],
  ["one_platform", "1 of 4 done", "Connect the second platform", "Connect Microsoft Teams"],
  ["two_platforms", "2 of 4 done", "Match people", "Import people"],
  ["found", "2 of 4 done", "Match people", "388 are on Slack and Microsoft Teams, and can be paired"],
  ["found_on_four", "2 of 4 done", "Match people", "388 are on Webex and Zoom Team Chat, and can be paired"],
  ["paired", "3 of 4 done", "Send the first message", "Waiting for the first message."],
])("%s: the current step alone has its action", async (scene, done, title, sign) => {
  const page = await open(scene, "#/home");
  await guide(page).getByText(done).waitFor();
  await current(page).getByRole("heading", { name: title }).waitFor();
  await current(page).getByText(sign).waitFor();
  expect(await current(page).count()).toBe(1);
  const elsewhere = await guide(page).locator("ol > li:not([aria-current])").locator("button, a").count();
  expect(elsewhere).toBe(0);
  await isSound(page, `first-run-${scene}`);
  expect(await unreachableByTab(page)).toEqual([]);
  await holdsAtTwice(page, `first-run-${scene}`);
});

test("an empty hub offers the sandbox and the first connection", async () => {
  const page = await open("empty", "#/home");
  const sandbox = page.getByRole("link", { name: "Try the sandbox" });
  expect(await sandbox.getAttribute("href")).toBe("#/sandbox");
  await page.getByRole("link", { name: "Connect the first platform" }).click();
  await page.waitForURL(/#\/platforms$/);
});

test("the second step leads to the form of what is missing", async () => {
  const page = await open("one_platform", "#/home");
  await page.getByText("Acme, Inc.").waitFor();
  await page.getByRole("link", { name: "Connect Microsoft Teams" }).click();
  await page.getByRole("complementary", { name: "Connect Microsoft Teams" }).waitFor();
});

test("of four platforms each two are counted, and nobody is said to stand on one only", async () => {
  const page = await open("found_on_four", "#/home");
  const counted = current(page).getByText("can be paired", { exact: false });
  await counted.first().waitFor();
  for (const name of ["Acme GmbH", "Acme Support", "Acme Field Services"]) await guide(page).getByText(name).waitFor();
  expect(await counted.count()).toBe(6);
  expect(await page.getByText("stand on one platform only", { exact: false }).count()).toBe(0);
  await page.getByRole("link", { name: "Pair people…" }).click();
  await page.waitForURL(/#\/people\?view=unpaired$/);
});

test("people are imported from the guide, which shows how far that is", async () => {
  const page = await open("two_platforms", "#/home");
  await page.evaluate(() => void window.refused.push("start_import"));
  await page.getByRole("button", { name: "Import people" }).click();
  await page.getByRole("alert").getByText("database_failed").waitFor();
  await page.evaluate(() => void window.refused.pop());
  await page.getByRole("button", { name: "Import people" }).click();
  await page.getByRole("progressbar").waitFor();
  const again = page.getByRole("button", { name: "Import people" });
  expect(await again.getAttribute("title")).toBe("People are being imported already.");
  await isSound(page, "first-run-importing");
});

test("who was found is told before anyone is paired, and they are selected one step away", async () => {
  const page = await open("found", "#/home");
  await page.getByText("412 people were found").waitFor();
  await page.getByText("24 stand on one platform only").waitFor();
  await page.getByRole("link", { name: "Go through suggestions one by one" }).waitFor();
  await page.getByRole("link", { name: "Pair 388 people…" }).click();
  await page.waitForURL(/#\/people\?view=unpaired$/);
  await page.getByText("All 412 that fit are selected").waitFor();
  await isSound(page, "first-run-pairing");
  await page.keyboard.press("Escape");
  await page.getByText("All 412 that fit are selected").waitFor({ state: "detached" });
  await page.goBack();
  await page.getByRole("link", { name: "Pair 388 people…" }).click();
  await page.getByRole("button", { name: "Pair 412 people", exact: true }).click();
  const panel = page.getByRole("complementary", { name: "Pair 412 people" });
  await panel.getByText("388 as their own account").waitFor();
});

test("counts that cannot be read say so and are read again", async () => {
  const page = await open("one_platform", "#/home");
  await guide(page).getByText("1 of 4 done").waitFor();
  await page.evaluate(() => {
    window.refused.push("count_people");
    window.scene = "found";
    return window.change({});
  });
  await page.getByRole("alert").getByText("database_failed").waitFor();
  await page.evaluate(() => void window.refused.pop());
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByText("412 people were found").waitFor();
});

test("the first message is followed until it is delivered, which is said once", async () => {
  const page = await open("paired", "#/home");
  await page.getByText("Ask Ann Lee to write to Bob Park.").waitFor();
  await page.getByText("In Slack, Ann Lee looks for Bob Park in the search for people").waitFor();
  await page.evaluate(() => window.askForConsent());
  await page.evaluate(() => window.write("waiting_for_person"));
  await current(page).getByText("Ann Lee to Bob Park").waitFor();
  await current(page).getByText("waits for consent").waitFor();
  await isSound(page, "first-run-underway");
  await page.evaluate(() => window.write("delivered"));
  const news = page.getByRole("heading", { name: /^Messages are flowing\. The first one/ });
  await news.waitFor();
  await isSound(page, "first-run-delivered");
  await holdsAtTwice(page, "first-run-delivered");
  const link = page.getByRole("link", { name: "See it in Activity" });
  expect(await link.getAttribute("href")).toBe("#/activity?open=2");
  await page.getByRole("button", { name: "Close the guide" }).click();
  await news.waitFor({ state: "detached" });
  await page.getByRole("heading", { name: "Messages are flowing" }).waitFor();
});

test.each<[Scene, string]>([
  ["one_sided", "Everyone who is paired works in Slack"],
  ["through_app", "Bob Park has no account in Slack"],
])("%s: what to do is told all the same", async (scene, sign) => {
  const page = await open(scene, "#/home");
  await current(page).getByText(sign).waitFor();
  await isSound(page, `first-run-${scene}`);
});

test("who could write the first message cannot be read: why, and once more", async () => {
  const page = await open("paired", "#/settings");
  await page.getByText("The hub listens on").waitFor();
  await page.evaluate(() => void window.refused.push("list_people"));
  await page.keyboard.press("g");
  await page.keyboard.press("h");
  await current(page).getByText("database_failed").waitFor();
  await isSound(page, "first-run-failed");
  await page.evaluate(() => void window.refused.pop());
  await current(page).getByRole("button", { name: "Try again" }).click();
  await page.getByText("Ask Ann Lee to write to Bob Park.").waitFor();
});

test("what would hold the first message up is told beside the guide", async () => {
  const page = await open("held_up", "#/home");
  await page.getByRole("heading", { name: "Messages with Microsoft Teams have stopped" }).waitFor();
  await guide(page).getByText("Needs authorisation").waitFor();
  await page.getByRole("link", { name: "Connect again" }).waitFor();
  await isSound(page, "first-run-held-up");
});

test("the guide is hidden for good, and shown again from Settings", async () => {
  const page = await open("one_platform", "#/home");
  await page.getByRole("button", { name: "Hide this guide" }).click();
  await page.getByRole("heading", { name: "One platform is connected" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "One platform is connected" }).waitFor();
  expect(await guide(page).count()).toBe(0);
  await page.goto(page.url().replace(/#.*/, "#/settings"));
  const again = page.getByRole("button", { name: "Show the guide again" });
  await again.click();
  await page.waitForFunction(() => document.querySelector("[title='It is shown on Home.']"));
  await page.getByRole("link", { name: "Home", exact: true }).click();
  await guide(page).waitFor();
});

test("a hub that has delivered messages for long shows no guide", async () => {
  const page = await open("full", "#/home");
  await page.getByText("6 things need you").waitFor();
  expect(await guide(page).count()).toBe(0);
});
