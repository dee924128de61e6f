import type { Locator, Page } from "playwright-core";
import { expect, test } from "vitest";

import { unreachableByTab } from "./inspect";
import { holdsAtTwice, isSound, onStage } from "./looking";

const open = onStage();

async function running(): Promise<Page> {
  const page = await open("full", "#/sandbox");
  await page.getByRole("button", { name: "Start the sandbox" }).click();
  await slack(page).getByText("Is the offer for Friday ready?").waitFor();
  return page;
}

const slack = (page: Page) => page.getByRole("region", { name: "Slack of Acme, Inc." });
const teams = (page: Page) => page.getByRole("region", { name: "Microsoft Teams of Acme, Inc." });

async function write(app: Locator, text: string) {
  const field = app.getByRole("textbox", { name: /^Message / });
  await field.fill(text);
  await field.press("Enter");
}

test("before it runs, the page says what it is and starts it", async () => {
  const page = await open("full", "#/sandbox");
  await page.getByText("engineers work in Slack").waitFor();
  await isSound(page, "sandbox-stopped");
});

test("what did not start says why, with its code, and can be tried again", async () => {
  const page = await open("failing", "#/sandbox");
  await page.getByRole("button", { name: "Start the sandbox" }).click();
  await page.getByText("no temporary folder can be made").waitFor();
  await isSound(page, "sandbox-failed");
  expect(await page.getByRole("button", { name: "Start the sandbox" }).isEnabled()).toBe(true);
});

test("two chat apps stand side by side, sound in every size, and are reached by keyboard", async () => {
  const page = await running();
  await page.getByText("Microsoft Teams said that it stands there.").waitFor();
  await isSound(page, "sandbox");
  expect(await unreachableByTab(page)).toEqual([]);
  await holdsAtTwice(page, "sandbox");
});

test("what Ann types is seen in Bob's app, and what she edits or deletes changes in hers", async () => {
  const page = await running();
  await write(slack(page), "See you at nine");
  await teams(page).getByText("See you at nine").waitFor();
  const own = slack(page).getByRole("article", { name: "Ann Lee" }).last();
  await own.getByRole("button", { name: "Edit" }).click();
  await write(slack(page), "See you at ten");
  await own.getByText("See you at ten").waitFor();
  await own.getByRole("button", { name: "Delete" }).click();
  await own.getByText("This message was deleted.").waitFor();
});

test("what the platform refuses is said at once, and the text is kept", async () => {
  const page = await running();
  await write(slack(page), "please refuse this");
  await slack(page).getByText("the message is too long").waitFor();
  const field = slack(page).getByRole("textbox", { name: /^Message / });
  expect(await field.inputValue()).toBe("please refuse this");
});

test("somebody is looked up and written to", async () => {
  const page = await running();
  await slack(page).getByRole("searchbox").fill("max");
  await slack(page).getByRole("button", { name: /Maximiliane/ }).click();
  await slack(page).getByRole("heading", { name: /Maximiliane/ }).waitFor();
});

test("a consent request is answered as its person, and then it is over", async () => {
  const page = await running();
  await page.getByRole("combobox", { name: "Who uses Slack" }).selectOption("eli@acme.example");
  const answers = slack(page).getByRole("group", { name: "Answer as Eli Novak:" });
  await answers.waitFor();
  await isSound(page, "sandbox-asked");
  await answers.getByRole("button", { name: "Authorise" }).click();
  await slack(page).getByText("Your messages go out as you.").waitFor();
  expect(await answers.count()).toBe(0);
});

test("a killed hub is said to be dead, what is written waits, and arrives when it is started", async () => {
  const page = await running();
  await page.getByRole("button", { name: "Kill the hub" }).click();
  await page.getByText("The hub is dead: what is written waits").waitFor();
  await write(slack(page), "into the void");
  await slack(page).getByText("into the void").waitFor();
  await isSound(page, "sandbox-killed");
  expect(await teams(page).getByText("into the void").count()).toBe(0);
  await page.getByRole("button", { name: "Start the hub again" }).click();
  await teams(page).getByText("into the void").waitFor();
});

test("what is broken shows as on, and is mended together", async () => {
  const page = await running();
  const throttle = page.getByRole("button", { name: "Throttle Teams" });
  await throttle.click();
  await page.getByRole("button", { name: "Throttle Teams", pressed: true }).waitFor();
  await page.getByRole("button", { name: "Mend everything" }).click();
  await page.getByRole("button", { name: "Throttle Teams", pressed: false }).waitFor();
});

test("the sandbox's pages show nothing of the organisation's, and leaving it returns to them", async () => {
  const page = await running();
  await page.getByRole("link", { name: "See this hub’s People" }).click();
  await page.getByText("No people yet").waitFor();
  await page.getByText("Nothing here is real.").waitFor();
  expect(await page.getByRole("link", { name: "Settings" }).count()).toBe(0);
  await isSound(page, "sandbox-people");
  await page.getByRole("link", { name: "Leave the sandbox" }).click();
  await page.getByRole("link", { name: "People" }).click();
  await page.getByText("Ann Lee").first().waitFor();
  expect(await page.getByText("Nothing here is real.").count()).toBe(0);
});

test("a page of a sandbox that does not run says so and asks no hub", async () => {
  const page = await open("full", "#/sandbox/people");
  await page.getByText("The sandbox is not running").waitFor();
  expect(await page.evaluate(() => window.calls)).not.toContain("list_people");
  await isSound(page, "sandbox-absent");
  await page.getByRole("button", { name: "Start the sandbox" }).click();
  await page.getByText("No people yet").waitFor();
});

test("stopping it asks first, and says what is forgotten", async () => {
  const page = await running();
  await page.getByRole("button", { name: "Stop the sandbox" }).click();
  await page.getByText("Everything that was written and changed in it is forgotten.").waitFor();
  await page.getByRole("button", { name: "Stop it, everything in it is forgotten" }).click();
  await page.getByText("The sandbox is not running").waitFor();
});

test("a hub of one's own that does not open leaves the sandbox to be tried", async () => {
  const page = await open("unopened", "#/sandbox");
  await page.getByRole("button", { name: "Start the sandbox" }).click();
  await slack(page).getByText("Is the offer for Friday ready?").waitFor();
});
