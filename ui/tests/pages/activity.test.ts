import type { Page } from "playwright-core";
import { expect, test } from "vitest";

import { isSound, onStage } from "./looking";
import { unreachableByTab } from "./inspect";

const open = onStage();

test("a delivery of uncertain outcome leaves two choices, each with what it risks", async () => {
  const page = await open("full", "#/activity?state=uncertain");
  await page.getByRole("row", { name: /Uncertain/ }).first().click();
  await page.getByText(/Sent again although it arrived/).waitFor();
  await isSound(page, "delivery-uncertain");
  expect(await unreachableByTab(page)).toEqual([]);
  await page.getByRole("button", { name: "It arrived" }).click();
  await page.waitForFunction(() => window.calls.includes("resolve_delivery"));
});

test("giving up is confirmed, and what cannot be done says why", async () => {
  const page = await open("full", "#/activity?state=waiting_for_person");
  await page.getByRole("row", { name: /Needs a person/ }).first().click();
  await page.getByRole("button", { name: "Give up" }).click();
  await page.getByText(/what it says is forgotten/).waitFor();
  await isSound(page, "delivery-skip");
  await page.getByRole("button", { name: "Give up, it is not sent" }).click();
  await page.waitForFunction(() => window.calls.includes("skip_delivery"));
  await page.evaluate(() => (window.location.hash = "#/activity?state=delivered"));
  await page.getByRole("row", { name: /Delivered/ }).first().click();
  const again = page.getByRole("button", { name: "Try again now" });
  expect(await again.getAttribute("title")).toBe("It has arrived.");
});

test("a reason and a person narrow the list, and both are in the address", async () => {
  const page = await open("full", "#/activity?of=4");
  await page.getByText("Only of Dana Okonkwo").waitFor();
  await page.getByRole("combobox", { name: /^Reason:/ }).click();
  await page.getByRole("option", { name: "the conversation is gone" }).click();
  await page.waitForURL(/reason=gone/);
  await page.getByRole("row", { name: /Given up/ }).first().waitFor();
  await isSound(page, "activity-of");
  await page.getByRole("button", { name: "Show everyone’s" }).click();
  await page.getByText("Only of Dana Okonkwo").waitFor({ state: "detached" });
});

test("an export says where it goes, goes on behind the list, and tells when it is written", async () => {
  const page = await open("full", "#/activity?state=dead");
  await page.getByRole("button", { name: "Export" }).click();
  const panel = page.getByRole("complementary", { name: "Export deliveries" });
  const run = panel.getByRole("button", { name: "Export" });
  expect(await run.getAttribute("title")).toBe("Say where the file is to be.");
  await panel.getByLabel("File").fill("/home/ada/causeway.csv");
  await isSound(page, "export");
  await run.click();
  await page.getByText("500 deliveries are in /home/ada/causeway.csv.").waitFor();
  await page.evaluate(() => window.endJob());
  await page.getByText("The export is written").waitFor();
});

test("at the newest row the list is live; further down it stands still and says so", async () => {
  const page = await open("full", "#/activity");
  await page.getByText("200 read, older ones follow").waitFor();
  await page.evaluate(() => window.receive(3));
  await page.getByRole("row", { name: /Newcomer 3/ }).waitFor();
  await page.getByRole("row").nth(1).focus();
  await page.keyboard.press("PageDown");
  await page.keyboard.press("PageDown");
  const first = () => page.locator("[data-index='24']").innerText();
  const before = await first();
  await page.evaluate(() => window.receive(5));
  await page.getByText("Something has changed since this list was read.").waitFor();
  expect(await first()).toBe(before);
  await page.getByRole("button", { name: "Read again" }).click();
  await page.getByRole("row", { name: /Newcomer 8/ }).waitFor();
});

/** The longest time that the page's only thread was not free, while `work` went on; in ms. */
async function longestTask(page: Page, work: () => Promise<void>): Promise<number> {
  await page.evaluate(() => {
    const tasks: number[] = [];
    Object.assign(window, { tasks });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) tasks.push(entry.duration);
    }).observe({ type: "longtask" });
  });
  await work();
  return page.evaluate(() =>
    Math.max(0, ...(window as unknown as { tasks: number[] }).tasks),
  );
}

test("five hundred deliveries a second neither fill the page with rows nor keep it from answering", async () => {
  const page = await open("full", "#/activity");
  await page.getByText("200 read, older ones follow").waitFor();
  const longest = await longestTask(page, async () => {
    for (let tenth = 0; tenth < 20; tenth += 1) {
      await page.evaluate(() => window.receive(50));
      await page.evaluate(() => new Promise((done) => setTimeout(done, 100)));
    }
  });
  await page.getByRole("row", { name: /Newcomer 1000/ }).waitFor();
  expect(await page.getByRole("row").count()).toBeLessThan(60);
  // Four updates a second of 200 rows; a frame that takes longer than this is felt.
  expect(longest).toBeLessThan(200);
});
