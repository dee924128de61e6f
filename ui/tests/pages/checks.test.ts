/* What preflight has found, on the cards of the Platforms page, beside them, and on Home. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";

import { unreachableByTab } from "./inspect";
import { holdsAtTwice, isSound, onStage } from "./looking";

const open = onStage();

const card = (page: Page, name: RegExp) => page.getByRole("article", { name });
const slack = (page: Page) => card(page, /^Acme, Inc\./);
const teams = (page: Page) => card(page, /^Acme GmbH/);
const panel = (page: Page, platform: string) =>
  page.getByRole("complementary", { name: `Checks of ${platform}` });

test("each card says in one line what its last check came to", async () => {
  const page = await open("full", "#/platforms");
  await slack(page).getByText("everything is as it should be").waitFor();
  await teams(page).getByText("3 findings, 2 keep something from working").waitFor();
  expect(await teams(page).getByRole("status").textContent()).toContain("Checked");
});

test("a Teams that is polled says so on its card, and what Microsoft says to that", async () => {
  const page = await open("full", "#/platforms");
  const polled = teams(page).getByText("asked for messages every few seconds, which is for evaluation");
  await polled.click();
  await teams(page).getByText("Microsoft's terms for Teams allow", { exact: false }).waitFor();
  expect(await slack(page).getByText("asked for messages", { exact: false }).count()).toBe(0);
  await polled.scrollIntoViewIfNeeded();
  await isSound(page, "platform-polled");
  expect(await unreachableByTab(page)).toEqual([]);
});

test("that Webex is polled is no evaluation, and its card says what the hub says", async () => {
  const page = await open("four", "#/platforms");
  const webex = card(page, /^Acme Support/);
  await webex.getByText("Webex is asked for messages every few seconds.").click();
  await webex.getByText("Messages arrive a few seconds later than they could.").waitFor();
  expect(await page.getByText("evaluation", { exact: false }).count()).toBe(0);
  await webex.scrollIntoViewIfNeeded();
  await isSound(page, "platform-polled-webex");
});

test("a connection is checked where it stands, and says so meanwhile", async () => {
  const page = await open("full", "#/platforms");
  await page.evaluate(() => (window.checksLast = true));
  const check = teams(page).getByRole("button", { name: "Check now: Microsoft Teams" });
  await check.click();
  await teams(page).getByRole("status").getByText("Being checked…").waitFor();
  const busy = teams(page).getByRole("button", { name: "Being checked…" });
  expect(await busy.getAttribute("aria-disabled")).toBe("true");
  await busy.focus();
  await page.keyboard.press("Enter");
  await isSound(page, "platform-being-checked");
  await page.evaluate(() => window.endCheck?.());
  await teams(page).getByText("everything is as it should be").waitFor();
  const runs = await page.evaluate(() => window.calls.filter((call) => call === "run_preflight"));
  expect(runs).toHaveLength(1);
});

test("a check that could not be made says why, and what was found before stays", async () => {
  const page = await open("full", "#/platforms");
  await page.evaluate(() => void window.refused.push("run_preflight"));
  await slack(page).getByRole("button", { name: "Check now: Slack" }).click();
  await slack(page).getByRole("alert").getByText("database_failed").waitFor();
  await slack(page).getByText("everything is as it should be").waitFor();
  await isSound(page, "platform-check-failed");
});

test("a last check that cannot be read says so on its card", async () => {
  const page = await open("full", "#/home");
  await page.evaluate(() => void window.refused.push("get_preflight"));
  await page.keyboard.press("g");
  await page.keyboard.press("p");
  await slack(page).getByText("The last check cannot be read").waitFor();
  await isSound(page, "platform-checks-unread");
});

test("a last check that cannot be read again says on its card that it may be older", async () => {
  const page = await open("full", "#/platforms");
  await slack(page).getByText("everything is as it should be").waitFor();
  await page.evaluate(() => void window.refused.push("get_preflight"));
  await page.evaluate(() => window.change({}));
  await slack(page).getByText("This may be out of date.").waitFor();
  await slack(page).getByText("everything is as it should be").waitFor();
});

test("the checks open beside the cards, the most serious first", async () => {
  const page = await open("full", "#/platforms");
  await page.getByRole("button", { name: "Show checks of Microsoft Teams" }).click();
  expect(page.url()).toContain("#/platforms?checks=teams");
  const shown = panel(page, "Microsoft Teams");
  const findings = shown.getByRole("article");
  await findings.first().waitFor();
  expect(await findings.locator("h4").allTextContents()).toEqual([
    expect.stringContaining("the client secret has ended"),
    expect.stringContaining("Chat.Read.All"),
    expect.stringContaining("for evaluation"),
  ]);
  await findings.nth(0).getByText("Stops messages").waitFor();
  await findings.nth(1).getByText("Limits what works").waitFor();
  await findings.nth(2).getByText("Advice").waitFor();
  await isSound(page, "platforms-checks");
  expect(await unreachableByTab(page)).toEqual([]);
  expect(await shown.getByText("needs it for nothing else").isVisible()).toBe(false);
  await shown.getByText("Could not be found out (1)").click();
  await shown.getByText("As it should be (2)").click();
  await shown.getByText("needs it for nothing else").waitFor();
  await shown.getByText("Microsoft Teams answers.").waitFor();
  await shown.getByText("Microsoft Teams answers.").scrollIntoViewIfNeeded();
  await isSound(page, "platforms-checks-unfolded");
  await shown.getByRole("link", { name: "Connect again" }).click();
  await page.getByRole("complementary", { name: "Connect Microsoft Teams again" }).waitFor();
});

test("the panel checks anew, and is closed by Escape", async () => {
  const page = await open("full", "#/platforms?checks=teams");
  const shown = panel(page, "Microsoft Teams");
  await page.evaluate(() => void window.refused.push("run_preflight"));
  await shown.getByRole("button", { name: "Check now" }).click();
  await shown.getByRole("alert").getByText("database_failed").waitFor();
  await page.evaluate(() => void window.refused.pop());
  await shown.getByRole("button", { name: "Check now" }).click();
  await shown.getByRole("heading", { name: "Nothing is wrong" }).waitFor();
  await teams(page).getByText("everything is as it should be").waitFor();
  expect(await page.getByRole("alert").count()).toBe(0);
  await page.keyboard.press("Escape");
  await shown.waitFor({ state: "detached" });
});

test("the address of a console's page is copied, or selected where the clipboard refuses", async () => {
  const page = await open("full", "#/platforms?checks=teams");
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const copy = panel(page, "Microsoft Teams").getByRole("button", { name: "Copy the page’s address" });
  await copy.last().click();
  await panel(page, "Microsoft Teams").getByText("Copied").waitFor({ state: "attached" });
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain("teams-licenses");
  await page.evaluate(() => {
    navigator.clipboard.writeText = () => Promise.reject(new Error("refused"));
  });
  await copy.first().click();
  await page.getByText("The clipboard refuses.", { exact: false }).waitFor();
  expect(await page.evaluate(() => getSelection()?.toString())).toContain("ApplicationsListBlade");
});

test("nothing checked yet tells what a check is, and makes one", async () => {
  const page = await open("full", "#/platforms");
  await page.evaluate(() => (window.reports = []));
  await page.evaluate(() => window.change({}));
  await slack(page).getByText("Not checked yet").waitFor();
  await page.getByRole("button", { name: "Show checks of Slack" }).click();
  const shown = panel(page, "Slack");
  await shown.getByRole("heading", { name: "Not checked yet" }).waitFor();
  await isSound(page, "platforms-checks-none");
  await shown.getByRole("button", { name: "Check now" }).click();
  await shown.getByRole("heading", { name: "Nothing is wrong" }).waitFor();
});

test.each([
  ["loading", "Loading the checks"],
  ["failing", "The database failed"],
  ["forbidden", "This is not allowed"],
  ["empty", "Microsoft Teams is not connected"],
] as const)("the checks are %s: %s", async (scene, sign) => {
  const page = await open(scene, "#/platforms?checks=teams");
  await panel(page, "Microsoft Teams").getByText(sign).first().waitFor({ state: "attached" });
  await isSound(page, `platforms-checks-${scene}`);
  expect(await unreachableByTab(page)).toEqual([]);
});

test("checks that cannot be read again say how old they are", async () => {
  const page = await open("full", "#/platforms?checks=teams");
  await panel(page, "Microsoft Teams").getByRole("article").first().waitFor();
  await page.evaluate(() => window.loseHub());
  await panel(page, "Microsoft Teams").getByText("This may be out of date.").first().waitFor();
  await isSound(page, "platforms-checks-stale");
});

test("once something is connected its checks open by themselves, and wait for the hub's own", async () => {
  const page = await open("full", "#/platforms?connect=slack");
  const form = page.getByRole("complementary", { name: "Connect Slack again" });
  await form.getByLabel("Bot token").fill("xoxb-good");
  await form.getByLabel("App-level token").fill("xapp-1");
  await page.evaluate(() => (window.reports = []));
  await page.keyboard.press("Enter");
  const shown = panel(page, "Slack");
  await page.evaluate(() => window.change({}));
  await shown.getByText("The first check runs").waitFor();
  await slack(page).getByText("The first check runs").waitFor();
  await isSound(page, "platforms-checks-first");
  await page.evaluate(() => (window.reports = null));
  await page.evaluate(() => window.checkedByItself("slack"));
  await shown.getByRole("heading", { name: "Nothing is wrong" }).waitFor();
});

test("what checks have found needs somebody on Home, and leads to the checks", async () => {
  const page = await open("full", "#/home");
  await page.getByText("6 things need you").waitFor();
  await page.evaluate(() => (window.noticed = true));
  await page.evaluate(() => window.change({}));
  await page.getByText("8 things need you").waitFor();
  await page.getByText("keeps the hub from doing all of its work").waitFor();
  await page.getByText("ends soon.").waitFor();
  await isSound(page, "home-checks");
  await page.getByRole("link", { name: "See the checks" }).first().click();
  await panel(page, "Microsoft Teams").getByRole("article").first().waitFor();
  expect(page.url()).toContain("#/platforms?checks=teams");
});

test("checks hold at text size 200 % in the smallest window", async () => {
  const page = await open("full", "#/platforms");
  await teams(page).getByText("which is for evaluation").click();
  await holdsAtTwice(page, "platform-polled");
  await page.getByRole("button", { name: "Show checks of Microsoft Teams" }).click();
  await panel(page, "Microsoft Teams").getByText("Could not be found out (1)").click();
  await holdsAtTwice(page, "platforms-checks");
});
