/* Signing the service account in on the form that connects a tenant. */
import type { Locator, Page } from "playwright-core";
import { expect, test } from "vitest";

import { unreachableByTab } from "./inspect";
import { holdsAtTwice, isSound, onStage } from "./looking";

const open = onStage();

/** The form with everything filled in but who speaks for the hub. */
async function form(page: Page, tenant = "acme.example"): Promise<Locator> {
  const panel = page.getByRole("complementary", { name: "Connect Microsoft Teams again" });
  await panel.getByLabel("Tenant").fill(tenant);
  await panel.getByLabel("Application (client) ID").fill("8f2c1d04-1a2b-4c3d-9e8f-0123456789ab");
  return panel;
}

const begin = (panel: Locator) =>
  panel.getByRole("button", { name: "Sign the service account in", exact: true });

test("a code is shown until somebody has signed in with it, and the tenant is connected", async () => {
  const page = await open("full", "#/platforms?connect=teams");
  const panel = await form(page);
  await begin(panel).focus();
  await page.keyboard.press("Enter");
  await panel.getByText("F7XK2Q9LM").waitFor();
  await page.locator("section:focus", { hasText: "The service account’s sign-in" }).waitFor();
  await isSound(page, "sign-in-code");
  expect(await unreachableByTab(page)).toEqual([]);
  await panel.getByRole("button", { name: "Open the page" }).click();
  expect(await page.evaluate(() => window.opened)).toEqual(["s1"]);
  await page.evaluate(() => window.endSignIn("signed in"));
  await panel.getByText("Causeway Service has signed in").waitFor();
  await panel.getByText("causeway@acme.example").waitFor();
  await isSound(page, "signed-in");
  await panel.getByRole("button", { name: "Connect Microsoft Teams again" }).click();
  await panel.waitFor({ state: "detached" });
});

test("a browser is opened for whoever signs in there, and again where it was closed", async () => {
  const page = await open("full", "#/platforms?connect=teams");
  const panel = await form(page);
  await panel.getByRole("radio", { name: "In a browser on this computer" }).check();
  await begin(panel).click();
  await panel.getByText("in the browser that has been opened").waitFor();
  await isSound(page, "sign-in-browser");
  await panel.getByRole("button", { name: "Open the browser again" }).click();
  expect(await page.evaluate(() => window.opened)).toEqual(["s1", "s1"]);
  await panel.getByRole("button", { name: "Cancel the sign-in" }).click();
  await begin(panel).waitFor();
  expect(await page.evaluate(() => window.calls)).toContain("cancel_service_sign_in");
});

test("where no port is free, the browser comes back by a link of the program's", async () => {
  const page = await open("full", "#/platforms?connect=teams");
  const panel = await form(page, "no-ports.example");
  await panel.getByRole("radio", { name: "In a browser on this computer" }).check();
  await begin(panel).click();
  await panel.getByText("in the browser that has been opened").waitFor();
});

test("who says no is told what to do, and begins again", async () => {
  const page = await open("full", "#/platforms?connect=teams");
  const panel = await form(page);
  await begin(panel).click();
  await panel.getByText("F7XK2Q9LM").waitFor();
  await page.evaluate(() => window.endSignIn("declined"));
  await panel.getByText("Begin the sign-in again, and agree to what is asked.").waitFor();
  await isSound(page, "sign-in-declined");
  await holdsAtTwice(page, "sign-in-declined");
  await begin(panel).click();
  await panel.getByText("F7XK2Q9LM").waitFor();
});

test("an app that is not named is asked for before anybody signs in to it", async () => {
  const page = await open("full", "#/platforms?connect=teams");
  const panel = page.getByRole("complementary", { name: "Connect Microsoft Teams again" });
  await begin(panel).click();
  await panel.getByText("Give the tenant.").waitFor();
  expect(await page.evaluate(() => window.calls)).not.toContain("begin_service_sign_in");
  await panel.getByRole("button", { name: "Connect Microsoft Teams again" }).click();
  await panel.getByText("Sign the service account in.", { exact: true }).waitFor();
  await panel.getByText("Instead of signing in: paste a refresh token").click();
  await panel.getByLabel("Refresh token of the service account").fill("r");
  // A token says nothing of whose it is.
  await panel.getByText("Give the service account.").waitFor();
  expect(await panel.getByText("Sign the service account in.", { exact: true }).count()).toBe(0);
  await isSound(page, "sign-in-other-way");
});

test("whoever leaves the form waits no longer", async () => {
  const page = await open("full", "#/platforms?connect=teams");
  const panel = await form(page);
  await begin(panel).click();
  await panel.getByText("F7XK2Q9LM").waitFor();
  await page.keyboard.press("Escape");
  await panel.waitFor({ state: "detached" });
  expect(await page.evaluate(() => window.calls)).toContain("cancel_service_sign_in");
});
