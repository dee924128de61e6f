import { fileURLToPath } from "node:url";

import { expect, test } from "vitest";

import { accessibilityFaults, unreachableByTab } from "./inspect";
import { holdsAtTwice, isSound, onStage } from "./looking";

const SHOTS = fileURLToPath(new URL("../../test-results/", import.meta.url));

const open = onStage();

test("a folder that cannot be opened stands in place of every page until it can", async () => {
  const page = await open("unopened", "#/people");
  await page.getByRole("heading", { name: "Causeway cannot open its data" }).waitFor();
  await page.getByText("The key does not fit the database").waitFor();
  await isSound(page, "unopened");
  expect(await unreachableByTab(page)).toEqual([]);
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("grid", { name: "People" }).waitFor();
});

test("a change in the hub reaches the window without being asked for", async () => {
  const page = await open("full", "#/home");
  await page.getByRole("link", { name: "Status: Needs authorisation. Open Home." }).waitFor();
  await page.evaluate(() => window.change({ connections: [], role: "idle" }));
  await page.getByRole("link", { name: "Status: Not relaying. Open Home." }).waitFor();
});

test("a pause that fails is told in full, in every size, until it is closed", async () => {
  const page = await open("full", "#/home");
  await page.evaluate(() => void window.refused.push("set_paused"));
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  const notice = page.getByRole("complementary", { name: "What failed" });
  await notice.getByText("The relay was not paused.").waitFor();
  await notice.getByText("Check the disk that holds the data folder.").waitFor();
  const cut = () =>
    notice.evaluate((whole) =>
      [whole, ...whole.querySelectorAll<HTMLElement>("*")]
        .filter(({ scrollWidth, clientWidth }) => clientWidth > 0 && scrollWidth > clientWidth)
        .map(({ textContent }) => textContent),
    );
  await isSound(page, "pause-failed");
  expect(await cut()).toEqual([]);
  expect(await unreachableByTab(page)).toEqual([]);
  await holdsAtTwice(page, "pause-failed");
  expect(await cut()).toEqual([]);
  await notice.getByRole("button", { name: "Close" }).click();
  await notice.waitFor({ state: "detached" });
  await page.locator("main:focus").waitFor();
});

test("what cannot be read any more leaves the page where it is", async () => {
  const page = await open("full", "#/home");
  await page.getByText("6 things need you").waitFor();
  await page.evaluate(() => window.loseHub());
  await page.getByRole("alert").nth(1).waitFor();
  expect(await page.evaluate(() => document.querySelector("main > div")?.scrollTop)).toBe(0);
  await page.getByText("This may be out of date.").waitFor();
});

test("a row opens beside the list, stays in the address, and Escape closes it", async () => {
  const page = await open("full", "#/people");
  await page.getByRole("row", { name: /Dana Okonkwo/ }).first().click();
  const panel = page.getByRole("complementary", { name: "Dana Okonkwo" });
  await panel.waitFor();
  expect(page.url()).toContain("open=4");
  await isSound(page, "person");
  expect(await unreachableByTab(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await panel.waitFor({ state: "detached" });
  expect(page.url()).not.toContain("open=");
});

test("a delivery shows its journey and never a text", async () => {
  const page = await open("full", "#/activity?state=delivered");
  await page.getByRole("row", { name: /Delivered/ }).first().click();
  await page.getByText("The hub kept it, and only then told the platform that it had.").waitFor();
  await isSound(page, "delivery");
});

test("arrow keys move through rows, and the list reads on when they near its end", async () => {
  const page = await open("full", "#/people");
  await page.getByText("200 of 412 read").waitFor();
  await page.getByRole("row", { name: /Ann Lee/ }).first().focus();
  await page.keyboard.press("ArrowDown");
  await page.locator("[data-index='1']:focus").waitFor();
  await page.keyboard.press("End");
  await page.locator("[data-index='199']:focus").waitFor();
  await page.getByText("400 of 412 read").waitFor();
  await page.keyboard.press("End");
  await page.getByText("412 entries").waitFor();
});

test("a long list is not read again under the reader, who can ask for it", async () => {
  const page = await open("full", "#/activity");
  for (const read of [200, 400, 600, 800, 1_000]) {
    await page.getByText(`${read.toLocaleString("en-GB")} read, older ones follow`).waitFor();
    await page.getByRole("row").nth(1).focus();
    await page.keyboard.press("End");
  }
  await page.getByText("1,200 read, older ones follow").waitFor();
  await page.evaluate(() => window.change({}));
  await page.getByText("Something has changed since this list was read.").waitFor();
  expect(await unreachableByTab(page)).toEqual([]);
  await page.getByRole("button", { name: "Read again" }).click();
  await page.getByText("200 read, older ones follow", { exact: true }).waitFor();
});

test("closing the details gives the focus back to the row", async () => {
  const page = await open("full", "#/people");
  await page.getByRole("row", { name: /Bob Park/ }).first().focus();
  await page.keyboard.press("Enter");
  await page.getByRole("complementary", { name: "Bob Park" }).waitFor();
  await page.keyboard.press("Escape");
  await page.locator("[data-index='1']:focus").waitFor();
});

test("filters are in the address, and nothing that fits says so", async () => {
  const page = await open("full", "#/activity");
  await page.getByRole("combobox", { name: /^State:/ }).click();
  await page.getByRole("option", { name: "Given up" }).click();
  await page.waitForURL(/state=dead/);
  await page.getByRole("searchbox", { name: "Name of a person" }).fill("Nobody At All");
  await page.getByText("No delivery fits", { exact: true }).waitFor();
  await isSound(page, "activity-none-fit");
  await page.getByRole("link", { name: "Show all" }).click();
  await page.getByRole("grid").waitFor();
  expect(await page.getByRole("searchbox").inputValue()).toBe("");
});

test("an open choice is readable in both themes", async () => {
  const page = await open("full", "#/activity");
  await page.getByRole("combobox", { name: /^State:/ }).click();
  await page.getByRole("option", { name: "Given up" }).waitFor();
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: `${SHOTS}choice-${colorScheme}.png` });
    expect(await accessibilityFaults(page)).toEqual([]);
  }
});

test("closing the window without a tray asks first, and keeping it open is the default", async () => {
  const page = await open("full", "#/home");
  await page.getByText("6 things need you").waitFor();
  await page.evaluate(() => window.askToClose());
  await page.getByRole("alertdialog", { name: "Closing the window ends Causeway" }).waitFor();
  await isSound(page, "closing");
  await page.keyboard.press("Escape");
  await page.getByRole("alertdialog").waitFor({ state: "detached" });
  expect(await page.evaluate(() => window.hasQuit)).toBe(false);
  await page.evaluate(() => window.askToClose());
  await page.getByRole("button", { name: "Quit Causeway" }).click();
  await page.waitForFunction(() => window.hasQuit);
});

test("a chosen theme is kept when the window opens again", async () => {
  const page = await open("full", "#/home");
  await page.getByRole("combobox", { name: /^Theme:/ }).click();
  await page.getByRole("option", { name: "Dark" }).click();
  await page.reload();
  await page.getByRole("combobox", { name: "Theme: Dark" }).waitFor();
  expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe("dark");
});
