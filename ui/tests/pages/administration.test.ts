/* What an administrator does on Home, Platforms and Settings. */
import { expect, test } from "vitest";

import { unreachableByTab } from "./inspect";
import { holdsAtTwice, isSound, onStage } from "./looking";

const open = onStage();

test("one pause stops everything, says so everywhere, and is taken back", async () => {
  const page = await open("full", "#/home");
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  await page.getByRole("link", { name: "Status: Paused. Open Home." }).waitFor();
  await page.getByRole("heading", { name: "The relay is paused" }).waitFor();
  await isSound(page, "paused");
  await page.getByRole("button", { name: "Resume", exact: true }).click();
  await page.getByRole("link", { name: /^Status: Needs authorisation/ }).waitFor();
});

test("without a connection the pause says why it cannot be used", async () => {
  const page = await open("empty", "#/home");
  const pause = page.getByRole("button", { name: "Pause", exact: true });
  await page.getByText("Nothing is connected yet").waitFor();
  expect(await pause.getAttribute("aria-disabled")).toBe("true");
  expect(await pause.getAttribute("title")).toContain("there is nothing to pause");
  await pause.focus();
  await page.keyboard.press("Enter");
  expect(await page.evaluate(() => window.calls)).not.toContain("set_paused");
});

test("a connection is paused and resumed where it stands", async () => {
  const page = await open("full", "#/platforms");
  await page.getByRole("button", { name: "Pause Slack" }).click();
  await page.getByText("Nothing is sent to Slack.").waitFor();
  await isSound(page, "platform-paused");
  await page.getByRole("button", { name: "Resume Slack" }).click();
  await page.getByRole("button", { name: "Pause Slack" }).waitFor();
});

test("what needs somebody new credentials leads to the form that takes them", async () => {
  const page = await open("full", "#/home");
  await page.getByRole("link", { name: "Connect again" }).click();
  const panel = page.getByRole("complementary", { name: "Connect Microsoft Teams again" });
  await panel.waitFor();
  expect(page.url()).toContain("#/platforms?connect=teams");
  await isSound(page, "connect-teams");
  expect(await unreachableByTab(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await panel.waitFor({ state: "detached" });
});

test("a form checks itself, says what the platform refused, and closes when it is connected", async () => {
  const page = await open("empty", "#/platforms");
  await page.getByRole("button", { name: "Connect Slack" }).click();
  const panel = page.getByRole("complementary", { name: "Connect Slack" });
  const connect = panel.getByRole("button", { name: "Connect Slack" });
  await panel.getByLabel("Bot token").fill("xapp-mixed-up");
  await connect.click();
  await panel.getByText("The bot token begins with xoxb-").waitFor();
  await panel.getByText("Give the app-level token.").waitFor();
  await isSound(page, "connect-slack-checked");
  expect(await page.evaluate(() => window.calls)).not.toContain("connect_slack");
  await panel.getByLabel("Bot token").fill("xoxb-bad");
  await panel.getByLabel("App-level token").fill("xapp-1");
  await page.evaluate(() => (window.scene = "full"));
  await page.keyboard.press("Enter");
  await panel.getByText("Slack did not accept the credentials (invalid_auth).").waitFor();
  await panel.getByText("not_authorised").waitFor();
  await isSound(page, "connect-slack-refused");
  await panel.getByLabel("Bot token").fill("xoxb-good");
  await page.keyboard.press("Enter");
  await panel.waitFor({ state: "detached" });
  await page.getByRole("article", { name: "Acme, Inc." }).waitFor();
});

test("disconnecting tells its effect first, and leaving things is the default", async () => {
  const page = await open("full", "#/platforms");
  await page.getByRole("button", { name: "Disconnect Microsoft Teams" }).click();
  const dialog = page.getByRole("alertdialog");
  await dialog.getByText("3 guest accounts that the hub made stay in Microsoft Teams.").waitFor();
  const confirm = dialog.getByRole("button", {
    name: "Disconnect Microsoft Teams, end 96 pairings, drop 7 waiting messages",
  });
  await confirm.waitFor();
  await page.locator("button:focus", { hasText: "Leave it as it is" }).waitFor();
  await isSound(page, "disconnect");
  await page.keyboard.press("Enter");
  await dialog.waitFor({ state: "detached" });
  expect(await page.evaluate(() => window.calls)).not.toContain("disconnect");
  await page.getByRole("button", { name: "Disconnect Microsoft Teams" }).click();
  await confirm.click();
  await dialog.getByText("database_failed").waitFor();
  await isSound(page, "disconnect-failed");
});

test("what works with a platform is told in plain words", async () => {
  const page = await open("full", "#/platforms");
  await page.getByText("What works with Slack").click();
  const table = page.getByRole("table", { name: "What the hub carries to and from Slack" });
  await table.getByRole("row", { name: "Edits carried" }).waitFor();
  await table.getByRole("row", { name: /What the hub cannot hear/ }).waitFor();
  await table.getByText("60 a minute in each conversation").waitFor();
  await isSound(page, "abilities");
});

test("a chart is browsed by arrow keys, and its table is one key away", async () => {
  const page = await open("full", "#/home?span=week");
  const chart = page.getByRole("slider", { name: /^Deliveries:/ });
  await chart.focus();
  await page.keyboard.press("Home");
  expect(await chart.getAttribute("aria-valuetext")).toContain("Delivered 40");
  await page.keyboard.press("ArrowRight");
  expect(await chart.getAttribute("aria-valuetext")).toContain("Delivered 77");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Enter");
  const table = page.getByRole("table", { name: "Deliveries", exact: true });
  await table.waitFor();
  expect(await table.getByRole("row").count()).toBe(29);
  await isSound(page, "chart-table");
  await page.getByRole("combobox", { name: /^Time shown:/ }).click();
  await page.getByRole("option", { name: "Last 24 hours" }).click();
  await page.waitForURL(/#\/home$/);
});

test("a notice is dismissed where it is read", async () => {
  const page = await open("full", "#/home");
  await page.getByRole("button", { name: /^Dismiss: Acme/ }).click();
  await page.getByText("5 things need you").waitFor();
});

test("a policy is kept as it is chosen", async () => {
  const page = await open("full", "#/settings");
  await page.getByRole("combobox", { name: "Wait for consent: 3 days" }).click();
  await page.getByRole("option", { name: "7 days" }).click();
  await page.getByRole("combobox", { name: "Wait for consent: 7 days" }).waitFor();
});

test("a public address is checked by calling it, and changed from the next start on", async () => {
  const page = await open("full", "#/settings");
  await page.getByRole("button", { name: "Call it now" }).click();
  await page.getByText("Not reached").waitFor();
  await isSound(page, "address-not-reached");
  const save = page.getByRole("button", { name: "Save" });
  expect(await save.getAttribute("title")).toBe("Nothing has been changed.");
  await page.getByLabel("The hub listens on").fill("8420");
  await save.click();
  await page.getByText("Give an IP address and a port, such as 127.0.0.1:8420.").waitFor();
  await page.getByLabel("The hub listens on").fill("127.0.0.1:9000");
  await save.click();
  await page.getByText("What is stored is used from the next start of Causeway on.").waitFor();
});

test("text size is kept, and asked of the shell again when the window opens", async () => {
  const page = await open("full", "#/settings");
  await page.getByRole("combobox", { name: "Text size: 100 %" }).click();
  await page.getByRole("option", { name: "200 %" }).click();
  expect(await page.evaluate(() => window.zoom)).toBe(2);
  await page.reload();
  await page.getByRole("combobox", { name: "Text size: 200 %" }).waitFor();
  expect(await page.evaluate(() => window.zoom)).toBe(2);
});

test.each([
  ["home", "6 things need you"],
  ["platforms", "2 connections"],
  ["platforms?connect=teams", "Sign the service account in"],
  ["settings", "The hub listens on"],
])("%s holds at text size 200 %% in the smallest window", async (hash, sign) => {
  const page = await open("full", `#/${hash}`);
  await page.getByText(sign).first().waitFor();
  await holdsAtTwice(page, hash.replace(/\W/g, "-"));
});
