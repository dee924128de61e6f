import type { Page } from "playwright-core";
import { expect, test } from "vitest";

import { onStage } from "./looking";

const open = onStage();

/** What the smallest window shows and what is drawn ahead of it, generously. */
const MOST_ROWS = 60;

const rows = (page: Page) => page.getByRole("row");

/** Goes on to the last row for as long as there are more. */
async function readAll(page: Page, last: string): Promise<number> {
  let most = 0;
  await rows(page).nth(1).focus();
  await expect
    .poll(
      async () => {
        await page.keyboard.press("End");
        most = Math.max(most, await rows(page).count());
        return page.getByText(last, { exact: true }).isVisible();
      },
      { timeout: 30_000 },
    )
    .toBe(true);
  return most;
}

test.each([
  ["people", "412 entries"],
  ["activity", "1,600 entries"],
])("however many rows of %s are read, few are drawn", async (page, last) => {
  const shown = await open("full", `#/${page}`);
  expect(await readAll(shown, last)).toBeLessThan(MOST_ROWS);
  expect(await rows(shown).count()).toBeGreaterThan(10);
});

test("rows that are drawn are in the order of the list, whichever way one came to them", async () => {
  const page = await open("full", "#/activity");
  await readAll(page, "1,600 entries");
  for (const key of ["PageUp", "PageUp", "ArrowUp", "PageDown"]) await page.keyboard.press(key);
  const places = await page
    .locator("[data-index]")
    .evaluateAll((drawn) => drawn.map((row) => Number(row.getAttribute("data-index"))));
  expect(places).toEqual(places.toSorted((one, other) => one - other));
  expect(new Set(places).size).toBe(places.length);
});

test("the focus stays with its row while others come before it", async () => {
  const page = await open("full", "#/activity");
  const third = rows(page).nth(3);
  await third.focus();
  const words = await third.innerText();
  await page.evaluate(() => window.receive(14));
  await page.getByRole("row", { name: /Newcomer 14/ }).waitFor();
  await page.locator("[data-index='16']:focus").waitFor();
  expect(await page.locator(":focus").innerText()).toBe(words);
});
