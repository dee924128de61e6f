/* The palette and the keys that lead anywhere. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";

import { holdsAtTwice, isSound, onStage } from "./looking";

const open = onStage();

const field = (page: Page) => page.getByRole("combobox", { name: "People, deliveries, pages and actions" });

/** What Enter would choose. */
function chosen(page: Page): Promise<string | null> {
  return page.getByRole("option", { selected: true }).textContent();
}

test("Ctrl K opens it, Escape closes it, and the focus is where it was", async () => {
  const page = await open("full", "#/home");
  await page.getByRole("button", { name: "Pause", exact: true }).focus();
  await page.keyboard.press("Control+k");
  await page.locator("input[role='combobox']:focus").waitFor();
  await page.getByRole("option", { name: /^Pause the relay/ }).waitFor();
  await isSound(page, "palette");
  await holdsAtTwice(page, "palette");
  await page.keyboard.press("Escape");
  await field(page).waitFor({ state: "detached" });
  await page.locator("button:focus", { hasText: "Pause" }).waitFor();
});

test("the button in the top bar opens it, and everything in it is reached", async () => {
  const page = await open("full", "#/people");
  await page.getByRole("button", { name: "Search people, deliveries…" }).click();
  await field(page).waitFor();
  await page.getByRole("option", { name: /^Home/ }).waitFor();
  const options = await page.getByRole("option").count();
  const seen = new Set<string | null>();
  for (let nth = 0; nth < options; nth += 1) {
    seen.add(await chosen(page));
    await page.keyboard.press("ArrowDown");
  }
  expect(seen.size).toBe(options);
});

test("someone is found by their address, and Enter opens them", async () => {
  const page = await open("full", "#/home");
  await page.keyboard.press("Control+k");
  await field(page).fill("dana.okonkwo4@");
  await page.getByRole("option", { name: /Dana Okonkwo/ }).waitFor();
  await isSound(page, "palette-person");
  await page.keyboard.press("Enter");
  const panel = page.getByRole("complementary", { name: "Dana Okonkwo" });
  await panel.waitFor();
  expect(page.url()).toContain("#/people?open=4");
  await page.locator("aside:focus").waitFor();
});

test("the deliveries of whatever is typed are the last thing that fits", async () => {
  const page = await open("full", "#/home");
  await page.keyboard.press("Control+k");
  await field(page).fill("Gustav");
  await page.getByRole("option", { name: "Deliveries of “Gustav”" }).waitFor();
  await page.getByRole("option", { name: /Gustav Berg/ }).first().waitFor();
  await page.keyboard.press("ArrowUp");
  expect(await chosen(page)).toContain("Deliveries of “Gustav”");
  await page.keyboard.press("Enter");
  await page.waitForURL(/#\/activity\?person=Gustav/);
  await field(page).waitFor({ state: "detached" });
  await page.locator("main:focus").waitFor();
});

test("an action is found by its words and done", async () => {
  const page = await open("full", "#/home");
  await page.keyboard.press("Control+k");
  await field(page).fill("relay pau");
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "Status: Paused. Open Home." }).waitFor();
  await page.keyboard.press("Control+k");
  await field(page).fill("theme dark");
  await page.keyboard.press("Enter");
  await page.getByRole("combobox", { name: "Theme: Dark" }).waitFor();
  await page.keyboard.press("Control+k");
  await field(page).fill("export");
  await page.keyboard.press("Enter");
  await page.getByRole("complementary", { name: "Export deliveries" }).waitFor();
  await page.keyboard.press("Control+k");
  await field(page).fill("keys");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
});

test("what cannot be done now is listed, says why, and is not done", async () => {
  const page = await open("empty", "#/home");
  await page.getByText("Nothing is connected yet").waitFor();
  await page.keyboard.press("Control+k");
  await field(page).fill("pause the");
  const pause = page.getByRole("option", { name: /^Pause the relay/ });
  await pause.getByText("Nothing is connected: there is nothing to pause.").waitFor();
  expect(await pause.getAttribute("aria-disabled")).toBe("true");
  await isSound(page, "palette-disabled");
  await page.keyboard.press("Enter");
  await pause.click({ force: true });
  expect(await field(page).isVisible()).toBe(true);
  expect(await page.evaluate(() => window.calls)).not.toContain("set_paused");
});

test("a search that fails says so with its code, and is tried again", async () => {
  const page = await open("full", "#/home");
  await page.keyboard.press("Control+k");
  await page.evaluate(() => void window.refused.push("list_people"));
  await field(page).fill("Ann Lee");
  await page.getByText("database_failed").waitFor();
  await isSound(page, "palette-failed");
  await page.evaluate(() => void window.refused.pop());
  await page.keyboard.press("Tab");
  await page.locator("button:focus", { hasText: "Try again" }).waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("option", { name: /^Ann Lee/ }).first().waitFor();
});

test("an action that fails says why and stays", async () => {
  const page = await open("full", "#/home");
  await page.evaluate(() => void window.refused.push("start_import"));
  await page.keyboard.press("Control+k");
  await field(page).fill("import");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").getByText("database_failed").waitFor();
  await field(page).fill("import people");
  await page.getByRole("alert").waitFor({ state: "detached" });
  await page.evaluate(() => void window.refused.pop());
  await page.keyboard.press("Enter");
  await page.waitForURL(/#\/people$/);
  await page.getByRole("region", { name: "What goes on" }).waitFor();
});

test("while the hub is silent it says that it searches, and nothing found says so", async () => {
  const silent = await open("loading", "#/home");
  await silent.keyboard.press("Control+k");
  await field(silent).fill("zzz");
  await silent.getByText("Searching for people…").waitFor();
  await silent.evaluate(() => (window.scene = "full"));
  await field(silent).fill("zzzz");
  await silent.getByText("Nobody and no action is called “zzzz”.").waitFor();
});

test("in a sandbox that does not run it says so at once, starts it, and still leads to pages", async () => {
  const page = await open("full", "#/sandbox/people");
  await page.getByText("Its pages are here as soon as it runs.").waitFor();
  await page.keyboard.press("Control+k");
  await field(page).fill("ann");
  await page.getByRole("dialog").getByRole("status").getByText("The sandbox is not running").waitFor();
  expect(await page.getByText("Searching for people…").count()).toBe(0);
  await field(page).fill("");
  await page.getByRole("option", { name: /^Activity/ }).waitFor();
  await isSound(page, "palette-no-sandbox");
  expect(await page.evaluate(() => window.calls)).toEqual([]);
  await field(page).fill("start the");
  await page.getByRole("option", { name: "Start the sandbox" }).waitFor();
  await page.keyboard.press("Enter");
  await page.getByText("No people yet").waitFor();
  await page.keyboard.press("Control+k");
  await field(page).fill("ann");
  await page.getByText("Nobody and no action is called “ann”.").waitFor();
});

test("a dead hub of the sandbox's is started again from it", async () => {
  const page = await open("full", "#/sandbox");
  await page.getByRole("button", { name: "Start the sandbox" }).click();
  await page.getByRole("button", { name: "Kill the hub" }).click();
  await page.keyboard.press("Control+k");
  await page.getByRole("dialog").getByRole("status").getByText("The sandbox’s hub is dead").waitFor();
  await field(page).fill("hub again");
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: /^Status: (?!Not answering)/ }).waitFor();
});

test("g and a letter lead to a page, and never while something is typed", async () => {
  const page = await open("full", "#/home");
  await page.getByText("6 things need you").waitFor();
  // What is reached from within the sandbox is the sandbox's; settings are the organisation's own.
  const ways = [
    ["p", "platforms"],
    ["e", "people"],
    ["a", "activity"],
    ["h", "home"],
    ["x", "sandbox"],
    ["a", "sandbox/activity"],
    ["s", "settings"],
  ] as const;
  for (const [letter, hash] of ways) {
    await page.keyboard.press("g");
    await page.keyboard.press(letter);
    await page.waitForURL(new RegExp(`#/${hash}$`));
    // Between the worlds everything is drawn anew, and what listens to keys with it.
    const heading = new RegExp(hash.replace(/.*\//, ""), "i");
    await page.getByRole("heading", { level: 1, name: heading }).waitFor();
  }
  await page.keyboard.press("g");
  await page.keyboard.press("e");
  await page.waitForURL(/#\/people$/);
  await page.getByRole("searchbox").waitFor();
  await page.keyboard.press("/");
  await page.locator("input[type='search']:focus").waitFor();
  await page.keyboard.type("gh?");
  expect(await page.getByRole("searchbox").inputValue()).toBe("gh?");
  expect(page.url()).toContain("#/people");
  expect(await page.getByRole("dialog").count()).toBe(0);
  await page.keyboard.press("Control+k");
  await field(page).waitFor();
});

test("? shows every key", async () => {
  const page = await open("full", "#/home");
  await page.getByText("6 things need you").waitFor();
  await page.keyboard.press("?");
  const keys = page.getByRole("dialog", { name: "Keys" });
  await keys.getByText("Ctrl K").waitFor();
  await keys.getByText("g x").waitFor();
  await isSound(page, "keys-all");
  await page.keyboard.press("g");
  await page.keyboard.press("e");
  expect(page.url()).toContain("#/home");
  await page.keyboard.press("Escape");
  await keys.waitFor({ state: "detached" });
});
