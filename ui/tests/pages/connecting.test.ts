/* The forms that connect Webex and Zoom, and the steps through their consoles. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";

import { unreachableByTab } from "./inspect";
import { holdsAtTwice, isSound, onStage } from "./looking";

const open = onStage();

const form = (page: Page, platform: string) =>
  page.getByRole("complementary", { name: `Connect ${platform}` });
const clipboard = (page: Page) => page.evaluate(() => navigator.clipboard.readText());
const asked = (page: Page) => page.evaluate(() => window.asked.at(-1));

const WEBEX_ID = `C${"0a".repeat(32)}`;

async function fillWebex(page: Page) {
  const webex = form(page, "Webex");
  await webex.getByLabel("Client ID of the integration").fill(WEBEX_ID);
  await webex.getByLabel("Client secret of the integration").fill("secret");
  await webex.getByLabel("Access token of the bot").fill("bot-token");
  return webex;
}

async function fillZoom(page: Page) {
  const zoom = form(page, "Zoom Team Chat");
  await zoom.getByLabel("Account ID").fill("account-1");
  await zoom.getByLabel("Client ID", { exact: true }).fill("client-1");
  await zoom.getByLabel("Client secret", { exact: true }).fill("secret-1");
  await zoom.getByLabel("Subscription ID").fill("sub-1");
  await zoom.getByLabel("Member who speaks for the hub").fill("hub@acme.example");
  return zoom;
}

test("before anything is connected all four platforms offer themselves", async () => {
  const page = await open("empty", "#/platforms");
  for (const name of ["Slack", "Microsoft Teams", "Webex", "Zoom Team Chat"]) {
    await page.getByRole("button", { name: `Connect ${name}` }).waitFor();
  }
  await isSound(page, "platforms-four-offered");
  await holdsAtTwice(page, "platforms-four-offered");
});

test("four connections stand below one another, each with its checks and abilities", async () => {
  const page = await open("four", "#/platforms");
  await page.getByText("4 connections").waitFor();
  await page.getByRole("article", { name: "Acme Support" }).getByText("What works with Webex").click();
  const table = page.getByRole("table", { name: "What the hub carries to and from Webex" });
  await table.getByText("the hub may act as the person represented", { exact: false }).waitFor();
  await isSound(page, "platforms-four");
  await page.getByRole("button", { name: "Show checks of Zoom Team Chat" }).click();
  const checks = page.getByRole("complementary", { name: "Checks of Zoom Team Chat" });
  await checks.getByText("Another connection took the WebSocket subscription over.").waitFor();
  await checks.getByRole("link", { name: "Connect again" }).click();
  await form(page, "Zoom Team Chat again").waitFor();
});

test("Webex's steps give its redirects and scopes to be copied", async () => {
  const page = await open("empty", "#/platforms?connect=webex");
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const webex = form(page, "Webex");
  const redirect = "https://oauth-helper-k.wbx2.com/helperservice/v1/actions/device/callback";
  await webex.getByRole("button", { name: `Copy ${redirect}` }).click();
  expect(await clipboard(page)).toBe(redirect);
  await webex.getByRole("button", { name: "Copy spark-compliance:events_read" }).click();
  expect(await clipboard(page)).toBe("spark-compliance:events_read");
  await webex.getByRole("button", { name: "Copy the checklist" }).click();
  expect(await clipboard(page)).toContain(`[ ] ${redirect}\n`);
  await isSound(page, "connect-webex-checklist");
  await page.evaluate(() => document.querySelector("aside > div")?.scrollTo(0, 0));
  await isSound(page, "connect-webex-steps");
  expect(await unreachableByTab(page)).toEqual([]);
  await holdsAtTwice(page, "connect-webex-steps");
});

test("Webex's administrator signs in with a code, and the organisation is connected", async () => {
  const page = await open("empty", "#/platforms?connect=webex");
  const webex = form(page, "Webex");
  const begin = webex.getByRole("button", { name: "Sign the administrator in", exact: true });
  await begin.click();
  await webex.getByText("Give the client ID of the integration.").waitFor();
  expect(await page.evaluate(() => window.calls)).not.toContain("begin_service_sign_in");
  await fillWebex(page);
  expect(await webex.getByRole("radio", { name: "With a code" }).count()).toBe(0);
  await begin.click();
  await webex.getByText("F7XK2Q9LM").waitFor();
  await webex.getByText("https://login-k.webex.com/verify").waitFor();
  await isSound(page, "connect-webex-code");
  await page.evaluate(() => window.endSignIn("signed in"));
  await webex.getByText("Causeway Service has signed in").waitFor();
  await isSound(page, "connect-webex-signed-in");
  await webex.getByRole("button", { name: "Connect Webex" }).click();
  await webex.waitFor({ state: "detached" });
  expect(await asked(page)).toMatchObject({
    client_id: WEBEX_ID,
    bot_token: "bot-token",
    administrator_sign_in: "s1",
    administrator_refresh_token: null,
    guest_issuer: null,
  });
});

test("an organisation without a compliance officer is heard by sockets, and is told what that costs", async () => {
  const page = await open("empty", "#/platforms?connect=webex");
  const webex = await fillWebex(page);
  const begin = webex.getByRole("button", { name: "Sign the administrator in", exact: true });
  await begin.click();
  await webex.getByText("F7XK2Q9LM").waitFor();
  const copy = (scope: string) => webex.getByRole("button", { name: `Copy ${scope}` });
  expect(await copy("spark-compliance:events_read").count()).toBe(1);
  const sockets = webex.getByRole("radio", { name: /^By sockets, without a compliance officer/ });
  await webex.getByRole("radio", { name: /^By the organisation’s events/ }).focus();
  await page.keyboard.press("ArrowDown");
  await webex.getByText("cannot be written to from there", { exact: false }).waitFor();
  // Who began to sign in was asked for other scopes.
  await webex.getByText("F7XK2Q9LM").waitFor({ state: "detached" });
  expect(await page.evaluate(() => window.calls)).toContain("cancel_service_sign_in");
  expect(await sockets.evaluate((one) => one === document.activeElement)).toBe(true);
  expect(await copy("spark-compliance:events_read").count()).toBe(0);
  await copy("spark:kms").waitFor();
  await webex.getByText("Through it the hub reads the directory alone.", { exact: false }).waitFor();
  await page.evaluate(() => document.querySelector("aside > div")?.scrollTo(0, 0));
  await isSound(page, "connect-webex-sockets");
  expect(await unreachableByTab(page)).toEqual([]);
  await holdsAtTwice(page, "connect-webex-sockets");
  await begin.click();
  await webex.getByText("F7XK2Q9LM").waitFor();
  expect(await asked(page)).toMatchObject({ app: { hear_by_sockets: true } });
  await page.evaluate(() => window.endSignIn("signed in"));
  await webex.getByText("Causeway Service has signed in").waitFor();
  await webex.getByRole("button", { name: "Connect Webex" }).click();
  await webex.waitFor({ state: "detached" });
  expect(await asked(page)).toMatchObject({ hear_by_sockets: true });
});

test("who renews an organisation’s credentials is told that the choice is made anew", async () => {
  const page = await open("four", "#/platforms?connect=webex");
  const webex = form(page, "Webex again");
  await webex.getByText("This takes the place of how the organisation was heard before.").waitFor();
  await isSound(page, "connect-webex-again");
});

test("a Service App that is half given is asked for in full, where it was folded away", async () => {
  const page = await open("empty", "#/platforms?connect=webex");
  const webex = await fillWebex(page);
  await webex.getByText("Guests (optional)").click();
  await webex.getByLabel("Client ID of the Service App").fill(WEBEX_ID);
  await webex.getByText("Guests (optional)").click();
  await webex.getByText("Instead of signing in: paste a refresh token").click();
  await webex.getByLabel("Refresh token of the administrator").fill("r");
  await webex.getByRole("button", { name: "Connect Webex" }).click();
  await webex.getByText("Give the client secret of the Service App.").waitFor();
  await page.locator("input:focus").waitFor();
  expect(await webex.getByLabel("Client secret of the Service App").evaluate((one) => one === document.activeElement)).toBe(true);
  await isSound(page, "connect-webex-guests");
  await holdsAtTwice(page, "connect-webex-guests");
  await webex.getByLabel("Client secret of the Service App").fill("issuer-secret");
  await webex.getByLabel("Refresh token of the Service App").fill("issuer-token");
  await page.keyboard.press("Enter");
  await webex.waitFor({ state: "detached" });
  expect(await asked(page)).toMatchObject({
    administrator_refresh_token: "r",
    guest_issuer: { client_id: WEBEX_ID, client_secret: "issuer-secret", refresh_token: "issuer-token" },
  });
});

test("Zoom's steps give its scopes to be copied, and say that a subscription serves one hub", async () => {
  const page = await open("empty", "#/platforms?connect=zoom");
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const zoom = form(page, "Zoom Team Chat");
  await zoom.getByRole("button", { name: "Copy marketplace:write:websocket_connection" }).click();
  expect(await clipboard(page)).toBe("marketplace:write:websocket_connection");
  await zoom.getByRole("button", { name: "Copy the checklist" }).click();
  expect(await clipboard(page)).toContain("[ ] Team Chat: a channel message or direct message was posted");
  await isSound(page, "connect-zoom-checklist");
  await zoom.getByText("How people are represented").first().click();
  await zoom.getByRole("radio", { name: /^By each person’s own authorisation/ }).check();
  await zoom.getByRole("button", { name: "Copy the checklist" }).last().click();
  expect(await clipboard(page)).toContain("[ ] https://YOUR-ADDRESS/hooks/consent/callback\n");
  await zoom.getByText("One subscription serves one hub.", { exact: false }).scrollIntoViewIfNeeded();
  await isSound(page, "connect-zoom-events");
  await page.evaluate(() => document.querySelector("aside > div")?.scrollTo(0, 0));
  await isSound(page, "connect-zoom-steps");
  expect(await unreachableByTab(page)).toEqual([]);
  await holdsAtTwice(page, "connect-zoom-steps");
});

test("a Zoom account checks itself, and is connected with its chatbot", async () => {
  const page = await open("empty", "#/platforms?connect=zoom");
  const zoom = await fillZoom(page);
  const connect = zoom.getByRole("button", { name: "Connect Zoom Team Chat" });
  await zoom.getByLabel("Client secret", { exact: true }).fill("client-1");
  await zoom.getByLabel("Subscription ID").fill("");
  await connect.click();
  await zoom.getByText("This is the value of another field.", { exact: false }).waitFor();
  await zoom.getByText("Give the subscription ID, or below the secret token.").waitFor();
  await isSound(page, "connect-zoom-checked");
  expect(await page.evaluate(() => window.calls)).not.toContain("connect_zoom");
  await fillZoom(page);
  await zoom.getByText("Chatbot (optional)").click();
  await zoom.getByLabel("Client ID of the chatbot").fill("bot-1");
  await zoom.getByLabel("Client secret of the chatbot").fill("bot-secret");
  await zoom.getByLabel("Bot JID").fill("v1bot@xmpp.zoom.us");
  await zoom.getByLabel("Bot JID").scrollIntoViewIfNeeded();
  await isSound(page, "connect-zoom-chatbot");
  await connect.click();
  await zoom.waitFor({ state: "detached" });
  expect(await asked(page)).toMatchObject({
    account_id: "account-1",
    subscription_id: "sub-1",
    secret_token: null,
    chatbot: { client_id: "bot-1", client_secret: "bot-secret", robot_jid: "v1bot@xmpp.zoom.us" },
  });
});
