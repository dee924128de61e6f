import { expect, test } from "vitest";

import { holdsAtTwice, isSound, onStage } from "./looking";
import { unreachableByTab } from "./inspect";

const open = onStage();

test("views, filters and the search are in the address, and counted", async () => {
  const page = await open("full", "#/people");
  await page.getByRole("link", { name: /^Waiting for consent \d+$/ }).click();
  await page.waitForURL(/view=waiting_for_consent/);
  await page.getByRole("row", { name: /Dana Okonkwo.*Asked/ }).waitFor();
  await page.getByRole("combobox", { name: /^Primary platform:/ }).click();
  await page.getByRole("option", { name: "Slack" }).click();
  await page.waitForURL(/primary=slack/);
  await page.getByRole("combobox", { name: /^Secondary platform:/ }).click();
  await page.getByRole("option", { name: "Microsoft Teams" }).click();
  await page.waitForURL(/secondary=teams/);
  await page.getByRole("row", { name: /Dana Okonkwo.*Asked/ }).waitFor();
  await page.getByRole("combobox", { name: /^Mode:/ }).click();
  await page.getByRole("option", { name: "Guest" }).click();
  await page.getByText("Nobody fits", { exact: true }).waitFor();
  await isSound(page, "people-none-fit");
});

test("someone in a view of their own says why they are in it", async () => {
  const page = await open("full", "#/people?view=needs_attention");
  await page.getByRole("row", { name: /Messages are stuck/ }).first().waitFor();
  await isSound(page, "people-needs-attention");
});

test("rows are selected by keyboard and by pointer, and Escape lets them go", async () => {
  const page = await open("full", "#/people");
  await page.getByRole("row", { name: /Ann Lee/ }).first().focus();
  await page.keyboard.press(" ");
  await page.keyboard.press("j");
  await page.locator("[data-index='1']:focus").waitFor();
  await page.keyboard.press("k");
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.locator("[data-index='2']:focus").waitFor();
  await page.keyboard.press("Shift+ ");
  await page.getByText("3 selected").waitFor();
  await page.getByRole("checkbox", { name: "Select Dana Okonkwo" }).first().click();
  await page.getByText("4 selected").waitFor();
  const box = page.getByRole("checkbox", { name: "Select Dana Okonkwo" }).first();
  expect(await box.isChecked()).toBe(true);
  await isSound(page, "people-selected");
  expect(await unreachableByTab(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await page.getByText("4 selected").waitFor({ state: "detached" });
});

test("all that fit are paired after a preview, with progress, a stop and a report", async () => {
  const page = await open("full", "#/people?view=unpaired");
  await page.getByRole("checkbox", { name: "Select everyone read so far" }).check();
  await page.getByRole("button", { name: "Pair 103 people", exact: true }).click();
  const panel = page.getByRole("complementary", { name: "Pair 103 people" });
  await panel.getByText("83 as their own account").waitFor();
  await panel.getByText("20 cannot be paired like this").waitFor();
  await isSound(page, "pair");
  expect(await unreachableByTab(page)).toEqual([]);
  await panel.getByRole("radio", { name: /^The app/ }).check();
  await panel.getByRole("button", { name: "Pair 83 people" }).click();
  await page.getByText("Pairing people").waitFor();
  await isSound(page, "pair-running");
  await page.getByRole("button", { name: "Stop", exact: true }).click();
  await page.getByText("Stopping: those begun are still paired").waitFor();
  await page.evaluate(() => window.endJob());
  await page.getByText("Pairing was stopped").waitFor();
  await page.getByText("It did not work for 1 person").click();
  await page.getByText("Cho Ruiz:").waitFor();
  await isSound(page, "pair-report");
  await page.getByRole("button", { name: "Close this report" }).click();
  await page.getByText("Pairing was stopped").waitFor({ state: "detached" });
});

test("unpairing says what is dropped before it is done, and on its own button", async () => {
  const page = await open("full", "#/people?view=paired");
  await page.getByRole("checkbox", { name: "Select Ann Lee" }).first().click();
  await page.getByRole("checkbox", { name: "Select Bob Park" }).first().click();
  await page.getByRole("button", { name: "Unpair 2 people" }).click();
  await page.getByText("3 messages that wait are dropped.").waitFor();
  await page.getByRole("checkbox", { name: "Also delete 1 guest account" }).check();
  await isSound(page, "unpair");
  await page
    .getByRole("button", { name: "Unpair 2 people, 3 waiting messages will be dropped" })
    .click();
  await page.getByText("Unpairing people").waitFor();
});

test("an import goes on behind the list and cannot be begun twice", async () => {
  const page = await open("full", "#/people");
  await page.getByRole("button", { name: "Import" }).click();
  await page.getByText("Importing people").waitFor();
  await page.getByText("400 so far").waitFor();
  const button = page.getByRole("button", { name: "Import" });
  expect(await button.getAttribute("title")).toBe("People are being imported already.");
  await page.evaluate(() => window.endJob());
  await page.getByText("People are imported").waitFor();
});

test("a person's panel says what is not heard, what would change it, and what can be done", async () => {
  const page = await open("full", "#/people?open=4");
  const panel = page.getByRole("complementary", { name: "Dana Okonkwo" });
  await panel.getByText("Not heard:").waitFor();
  await panel.getByText("What would change it:").waitFor();
  await panel.getByRole("button", { name: "Ask again" }).click();
  const revoke = panel.getByRole("button", { name: "Revoke" });
  expect(await revoke.getAttribute("title")).toBe("They have authorised nothing.");
  await isSound(page, "person-asked");
  await panel.getByRole("button", { name: "Change mode" }).click();
  await page.getByText("3 messages that wait are dropped.").waitFor();
  await isSound(page, "change-mode");
  await page.getByRole("button", { name: "Change mode" }).click();
  await panel.getByRole("button", { name: "Unpair" }).click();
  await page.getByRole("complementary", { name: "Unpair Dana Okonkwo?" }).waitFor();
  await page.keyboard.press("Escape");
  await panel.getByRole("link", { name: /to/ }).first().click();
  await page.waitForURL(/#\/activity\?.*of=4/);
});

test("revoking says its effect first, and keeping is the default", async () => {
  const page = await open("full", "#/people?view=paired");
  await page.getByRole("row", { name: /Authorised/ }).first().click();
  await page.getByRole("button", { name: "Revoke" }).click();
  await page.getByText(/The hub forgets the token/).waitFor();
  await isSound(page, "revoke");
  await page.keyboard.press("Enter");
  await page.getByRole("alertdialog").waitFor({ state: "detached" });
  expect(await page.evaluate(() => window.calls)).not.toContain("revoke_consent");
});

test("suggestions are accepted, ignored and put off, and what is set aside can be shown again", async () => {
  const page = await open("full", "#/people?view=suggestions");
  await page.getByText("60 people could be paired").waitFor();
  await isSound(page, "suggestions");
  expect(await unreachableByTab(page)).toEqual([]);
  const pair = page.getByRole("button", { name: "Pair Bob Park" }).first();
  expect(await pair.getAttribute("title")).toBe("Say first where they work.");
  await page.getByRole("combobox", { name: /^Bob Park works in:/ }).first().click();
  await page.getByRole("option", { name: "Slack" }).click();
  await pair.click();
  await page.waitForFunction(() => window.calls.includes("pair_person"));
  await page.getByRole("button", { name: "Ignore the suggestion about Ann Lee" }).first().click();
  await page.getByText("59 people could be paired").waitFor();
  await page.getByRole("button", { name: "Later: suggest Cho Ruiz again in a week" }).first().click();
  await page.getByText("58 people could be paired").waitFor();
  await page.getByRole("link", { name: "Show what is set aside" }).click();
  await page.getByText("Ignored for good").waitFor();
  await page.getByText("Comes back").waitFor();
  await isSound(page, "suggestions-aside");
  await page.getByRole("button", { name: "Suggest again: Ann Lee" }).click();
  await page.getByText("1 suggestion is set aside").waitFor();
});

test("the search is one key away, and the keys are told", async () => {
  const page = await open("full", "#/people");
  await page.getByRole("grid").waitFor();
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  await isSound(page, "keys");
  await page.keyboard.press("Escape");
  // Until it is gone, what is pressed is its own.
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.keyboard.press("/");
  await page.keyboard.type("Gustav?");
  expect(await page.getByRole("searchbox").inputValue()).toBe("Gustav?");
  expect(await page.getByRole("dialog").count()).toBe(0);
});

test("at twice the text size nothing of the pages is cut off", async () => {
  const page = await open("full", "#/people");
  await page.getByRole("row", { name: /Ann Lee/ }).first().waitFor();
  await holdsAtTwice(page, "people");
  for (const [hash, sign] of [
    ["#/people?open=4", "Not heard:"],
    ["#/people?view=suggestions", "60 people could be paired"],
    ["#/activity", "Needs a person"],
    ["#/activity?open=9997", "What happened"],
  ] as const) {
    await page.evaluate((to) => (window.location.hash = to), hash);
    await page.getByText(sign).first().waitFor({ state: "attached" });
    await holdsAtTwice(page, hash.replace(/\W+/g, "-"));
  }
});
