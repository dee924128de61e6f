/* What leads through the platforms' consoles: the forms that connect, and what a proxy needs. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";

import { unreachableByTab } from "./inspect";
import { holdsAtTwice, isSound, onStage } from "./looking";

const open = onStage();

const form = (page: Page, platform: string) =>
  page.getByRole("complementary", { name: `Connect ${platform}` });

async function mayCopy(page: Page) {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
}

const clipboard = (page: Page) => page.evaluate(() => navigator.clipboard.readText());

function refuseClipboard(page: Page) {
  return page.evaluate(() => {
    navigator.clipboard.writeText = () => Promise.reject(new Error("refused"));
  });
}

/** Whatever is folded in a panel is opened. */
function unfold(page: Page) {
  return page.evaluate(() => {
    for (const fold of document.querySelectorAll<HTMLDetailsElement>("aside details")) fold.open = true;
  });
}

test("Slack's form begins with the manifest, which is copied", async () => {
  const page = await open("empty", "#/platforms?connect=slack");
  await mayCopy(page);
  const slack = form(page, "Slack");
  await slack.getByText("https://api.slack.com/apps?new_app=1").waitFor();
  await isSound(page, "connect-slack-steps");
  expect(await unreachableByTab(page)).toEqual([]);
  await slack.getByRole("button", { name: "Copy the manifest" }).click();
  await slack.getByRole("button", { name: "Copied" }).waitFor();
  expect(await clipboard(page)).toContain("display_information");
});

test("a clipboard that refuses leaves the manifest to be copied by hand", async () => {
  const page = await open("empty", "#/platforms?connect=slack");
  await refuseClipboard(page);
  await form(page, "Slack").getByRole("button", { name: "Copy the manifest" }).click();
  const box = form(page, "Slack").getByRole("textbox", { name: "The text to copy" });
  await box.waitFor();
  const selected = await box.evaluate((one: HTMLTextAreaElement) =>
    one.value.slice(one.selectionStart, one.selectionEnd),
  );
  expect(selected).toContain("display_information");
  await isSound(page, "connect-slack-by-hand");
  await holdsAtTwice(page, "connect-slack-by-hand");
});

test("a manifest that is not had yet cannot be copied, and says why", async () => {
  const page = await open("loading", "#/platforms?connect=slack");
  const copy = form(page, "Slack").getByRole("button", { name: "Copy the manifest" });
  await copy.waitFor();
  expect(await copy.getAttribute("title")).toBe("Loading the manifest");
  await isSound(page, "connect-slack-loading");
});

test("a manifest that cannot be had says so, and is asked for again", async () => {
  const page = await open("empty", "#/platforms");
  await page.evaluate(() => void window.refused.push("get_slack_manifest"));
  await page.getByRole("button", { name: "Connect Slack" }).click();
  const slack = form(page, "Slack");
  await slack.getByRole("alert").getByText("database_failed").waitFor();
  await isSound(page, "connect-slack-failing");
  await page.evaluate(() => void window.refused.pop());
  await slack.getByRole("button", { name: "Try again" }).click();
  await slack.getByRole("button", { name: "Copy the manifest" }).waitFor();
});

test("a token in the wrong field is named as soon as it is left, and nothing is sent", async () => {
  const page = await open("empty", "#/platforms?connect=slack");
  const slack = form(page, "Slack");
  await slack.getByLabel("Bot token").fill("xoxp-somebodys");
  await slack.getByLabel("App-level token").fill("xoxb-mixed-up");
  await slack.getByText("This is a user token (xoxp-).").waitFor();
  await slack.getByLabel("Client ID").focus();
  await slack.getByText("This is a bot token (xoxb-).").waitFor();
  await isSound(page, "connect-slack-mixed-up");
  expect(await page.evaluate(() => window.calls)).not.toContain("connect_slack");
});

test("a certificate is made, shown as the console shows it, and copied", async () => {
  const page = await open("empty", "#/platforms?connect=teams");
  await mayCopy(page);
  const teams = form(page, "Microsoft Teams");
  expect(await teams.getByRole("radio", { name: /^Certificate/ }).isChecked()).toBe(true);
  await isSound(page, "connect-teams-certificate");
  await teams.getByRole("button", { name: "Make a certificate" }).click();
  await teams.getByText("3F9A0C5D7E21B84466D0A1F2C3B4E5968778695A").waitFor();
  await teams.getByRole("button", { name: "Copy the certificate" }).click();
  expect(await clipboard(page)).toContain("-----BEGIN CERTIFICATE-----");
  await teams.getByText("The thumbprint shown there", { exact: false }).scrollIntoViewIfNeeded();
  await isSound(page, "connect-teams-certificate-made");
  expect(await unreachableByTab(page)).toEqual([]);
  await holdsAtTwice(page, "connect-teams-certificate-made");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Connect Microsoft Teams" }).click();
  await teams.getByText("3F9A0C5D7E21B84466D0A1F2C3B4E5968778695A").waitFor();
});

test("a certificate that could not be made says why", async () => {
  const page = await open("empty", "#/platforms?connect=teams");
  await page.evaluate(() => void window.refused.push("make_certificate"));
  await page.getByRole("button", { name: "Make a certificate" }).click();
  await form(page, "Microsoft Teams").getByRole("alert").getByText("database_failed").waitFor();
  await isSound(page, "connect-teams-certificate-failed");
});

test("a secret comes with the day on which it ends", async () => {
  const page = await open("empty", "#/platforms?connect=teams");
  const teams = form(page, "Microsoft Teams");
  await teams.getByRole("radio", { name: /^Client secret/ }).check();
  await teams.getByLabel("It ends on").fill("2020-01-31");
  await teams.getByLabel("Client secret", { exact: true }).last().fill("8f2c1d04-1a2b-4c3d-9e8f-0123456789ab");
  await teams.getByLabel("Service account", { exact: true }).focus();
  await teams.getByText("This day is over.").waitFor();
  await teams.getByText("This is the secret’s ID.").waitFor();
  await isSound(page, "connect-teams-secret");
  await holdsAtTwice(page, "connect-teams-secret");
});

test("a tenant is connected by a certificate, after its ids have the right shape", async () => {
  const page = await open("full", "#/platforms?connect=teams");
  const teams = page.getByRole("complementary", { name: "Connect Microsoft Teams again" });
  await teams.getByLabel("Tenant").fill("acme");
  await teams.getByLabel("Application (client) ID").fill("Causeway");
  await teams.getByLabel("Service account", { exact: true }).fill("causeway@acme.example");
  await teams.getByText("Give its ID, such as", { exact: false }).waitFor();
  await teams.getByText("32 digits and letters", { exact: false }).waitFor();
  await teams.getByLabel("Tenant").fill("acme.onmicrosoft.com");
  await teams.getByLabel("Application (client) ID").fill("8f2c1d04-1a2b-4c3d-9e8f-0123456789ab");
  expect(await page.evaluate(() => window.calls)).not.toContain("connect_teams");
  await unfold(page);
  await teams.getByLabel("Refresh token of the service account").fill("0.AX");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => window.calls.includes("connect_teams"));
});

test("the registration is a checklist to be copied, with the hub's own address in it", async () => {
  const page = await open("full", "#/platforms?connect=teams");
  await mayCopy(page);
  await page.getByText("Register the app in Entra").click();
  const back = "https://causeway.acme.example/hooks/consent/callback";
  await page.getByText(back).waitFor();
  await page.getByRole("button", { name: "Copy causeway://callback" }).click();
  expect(await clipboard(page)).toBe("causeway://callback");
  await isSound(page, "connect-teams-registration");
  await page.getByRole("button", { name: "Copy the checklist" }).click();
  const text = await clipboard(page);
  expect(text).toContain(back);
  expect(text).toContain("[ ] Chat.ReadWrite\n");
  await holdsAtTwice(page, "connect-teams-registration");
});

test("what a proxy needs is told with the hub's own address, and follows what is typed", async () => {
  const page = await open("full", "#/settings");
  await mayCopy(page);
  await page.getByText("What your proxy or tunnel needs").click();
  for (const proxy of ["Caddy", "nginx", "cloudflared"]) await page.getByText(proxy, { exact: true }).click();
  await page.getByText("proxy_pass http://127.0.0.1:8420;", { exact: false }).waitFor();
  await page.getByText("What your proxy or tunnel needs").scrollIntoViewIfNeeded();
  await isSound(page, "settings-recipes");
  expect(await unreachableByTab(page)).toEqual([]);
  await page.getByLabel("The hub listens on").fill("127.0.0.1:9000");
  await page.getByRole("button", { name: "Copy for Caddy" }).click();
  expect(await clipboard(page)).toContain("reverse_proxy 127.0.0.1:9000");
  expect(await clipboard(page)).toContain("causeway.acme.example {");
  await holdsAtTwice(page, "settings-recipes");
});
