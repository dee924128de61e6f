/* What Settings tells of this desktop, and what a control that cannot be used says. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";

import { unreachableByTab } from "./inspect";
import { holdsAtTwice, isSound, onStage } from "./looking";

const open = onStage();

const login = (page: Page) => page.getByRole("switch", { name: "Start Causeway when I sign in to this computer" });
const notifications = (page: Page) => page.getByRole("switch", { name: "Notifications for what needs a person" });

test("switches are kept as they are switched", async () => {
  const page = await open("full", "#/settings");
  await login(page).focus();
  await page.keyboard.press("Space");
  await page.getByRole("switch", { name: /^Start Causeway/, checked: true }).waitFor();
  await notifications(page).click();
  await page.getByRole("switch", { name: /^Notifications/, checked: false }).waitFor();
  expect(await page.evaluate(() => window.desktop)).toMatchObject({
    start_at_login: true,
    notifications: false,
  });
  await login(page).scrollIntoViewIfNeeded();
  await isSound(page, "settings-desktop");
  await holdsAtTwice(page, "settings-desktop");
  expect(await unreachableByTab(page)).toEqual([]);
});

test("a change that is refused says why, and nothing is switched", async () => {
  const page = await open("full", "#/settings");
  await page.evaluate(() => void window.refused.push("set_desktop"));
  await login(page).click();
  await page.getByRole("alert").getByText("database_failed").waitFor();
  expect(await login(page).getAttribute("aria-checked")).toBe("false");
  await isSound(page, "settings-desktop-refused");
});

test("a desktop that cannot be asked says so in its place", async () => {
  const page = await open("full", "#/home");
  await page.evaluate(() => void window.refused.push("get_desktop"));
  await page.keyboard.press("g");
  await page.keyboard.press("s");
  await page.getByRole("alert").getByText("The database failed").waitFor();
  await page.evaluate(() => void window.refused.pop());
  await page.getByRole("button", { name: "Try again" }).click();
  await login(page).waitFor();
});

test("a system that starts nothing at sign-in and has no tray says both", async () => {
  const page = await open("full", "#/home");
  await page.evaluate(() => {
    window.desktop = {
      process: 4711,
      start_at_login: null,
      start_at_login_problem: "There is no autostart folder here.",
      notifications: true,
      tray: false,
    };
  });
  await page.keyboard.press("g");
  await page.keyboard.press("s");
  await page.getByText("closing the window ends Causeway").waitFor();
  expect(await login(page).getAttribute("title")).toBe("There is no autostart folder here.");
  await login(page).focus();
  await page.keyboard.press("Space");
  expect(await page.evaluate(() => window.desktop.start_at_login)).toBeNull();
});

test("who comes by keyboard to what cannot be used sees why", async () => {
  const page = await open("full", "#/settings");
  const language = page.getByRole("combobox", { name: "Language: English" });
  await notifications(page).focus();
  await page.keyboard.press("Tab");
  await page.locator("[role='combobox'][aria-disabled='true']:focus").waitFor();
  const bubble = page.locator("div[aria-hidden='true']", { hasText: "English is the only language so far." });
  await bubble.waitFor();
  await isSound(page, "settings-reason");
  await page.keyboard.press("Enter");
  expect(await page.getByRole("option").count()).toBe(0);
  expect(await language.getAttribute("title")).toBe("English is the only language so far.");
  await page.keyboard.press("Shift+Tab");
  await bubble.waitFor({ state: "detached" });
});
