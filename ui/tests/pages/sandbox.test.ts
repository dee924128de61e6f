import type { Locator, Page } from "playwright-core";
import { expect, test } from "vitest";

import type { Platform } from "../../src/lib/backend/bindings";
import { overflows, unreachableByTab } from "./inspect";
import { holdsAtTwice, isSound, onStage } from "./looking";
import { SIZES } from "./window";

declare global {
  // eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- only an interface widens the DOM's own
  interface Window {
    /** The messages that were drawn since they are watched. */
    added: string[];
  }
}

const open = onStage();

const ALL: Platform[] = ["slack", "teams", "webex", "zoom"];

async function running(platforms: Platform[] = ["slack", "teams"]): Promise<Page> {
  const page = await open("full", "#/sandbox");
  await page.evaluate((wanted) => void (window.acmePlatforms = wanted), platforms);
  await page.getByRole("button", { name: "Start the sandbox" }).click();
  await slack(page).getByText("Is the offer for Friday ready?").waitFor();
  return page;
}

const slack = (page: Page) => page.getByRole("region", { name: "Slack of Acme, Inc." });
const teams = (page: Page) => page.getByRole("region", { name: "Microsoft Teams of Acme, Inc." });

const field = (app: Locator) => app.getByRole("textbox", { name: /^Message / });
const talks = (app: Locator) => app.getByRole("list", { name: "Conversations" });

async function write(app: Locator, text: string) {
  await field(app).fill(text);
  await field(app).press("Enter");
}

/** Somebody writes to Ann in Slack. */
async function writesToAnn(page: Page, from: string, text: string) {
  await page.evaluate(([whom = "", what = ""]) => window.say("slack", whom, "ann@acme.example", what), [from, text]);
}

/** Where the keyboard is: what it is called, or what it says. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const one = document.activeElement;
    return one?.getAttribute("aria-label") ?? (one === document.body ? "nowhere" : (one?.textContent ?? "").trim());
  });
}

test("before it runs, the page says what it is and starts it", async () => {
  const page = await open("full", "#/sandbox");
  await page.getByText("engineers work in Slack").waitFor();
  await isSound(page, "sandbox-stopped");
});

test("while it starts the page says so, and the button cannot be pressed again", async () => {
  const page = await open("loading", "#/sandbox");
  await page.getByRole("button", { name: "Start the sandbox" }).click();
  await page.getByRole("heading", { name: "The sandbox is starting" }).waitFor();
  const button = page.getByRole("button", { name: "Starting…" });
  expect(await button.getAttribute("aria-disabled")).toBe("true");
  await isSound(page, "sandbox-starting");
  await page.reload();
  await page.getByRole("button", { name: "Start the sandbox" }).click();
  await page.getByRole("button", { name: "Starting…" }).waitFor();
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

test("of four apps two are shown in a small window, and another takes the place of one not in use", async () => {
  const page = await running(ALL);
  const choice = page.getByRole("group", { name: "Apps shown" });
  const slackShown = choice.getByRole("button", { name: "Slack" });
  expect(await slackShown.getAttribute("title")).toContain("Two apps at least");
  await slackShown.click({ force: true });
  expect(await shownApps(page)).toEqual(["Slack", "Microsoft Teams"]);
  await field(slack(page)).fill("half a sen");
  await choice.getByRole("button", { name: "Webex" }).click();
  expect(await shownApps(page)).toEqual(["Slack", "Webex"]);
  await page.getByText("Microsoft Teams said that it stands there.").waitFor();
  await page.getByRole("region", { name: "Webex of Acme, Inc." }).getByText("On it.").waitFor();
  await isSound(page, "sandbox-two-of-four");
  await page.setViewportSize(SIZES.small);
  expect(await unreachableByTab(page)).toEqual([]);
  await field(page.getByRole("region", { name: "Webex of Acme, Inc." })).focus();
  await choice.getByRole("button", { name: "Zoom" }).click();
  expect(await shownApps(page)).toEqual(["Webex", "Zoom Team Chat"]);
  await choice.getByRole("button", { name: "Slack" }).click();
  expect(await field(slack(page)).inputValue()).toBe("half a sen");
  await holdsAtTwice(page, "sandbox-two-of-four");
});

test("the apps that were chosen are shown again when the page is opened anew", async () => {
  const page = await running(ALL);
  await page.getByRole("button", { name: "Zoom", exact: true }).click();
  await page.getByRole("link", { name: "See this hub’s People" }).click();
  await page.getByText("No people yet").waitFor();
  await page.getByRole("link", { name: "Chat apps" }).click();
  await page.getByRole("region", { name: "Zoom Team Chat of Acme, Inc." }).waitFor();
  expect(await shownApps(page)).toEqual(["Microsoft Teams", "Zoom Team Chat"]);
});

test.each([3, 4])("%i chat apps stand side by side in a large window, and every one is usable", async (many) => {
  const page = await running(ALL.slice(0, many));
  await page.setViewportSize(SIZES.large);
  for (const name of ["Webex", "Zoom"].slice(0, many - 2)) {
    await page.getByRole("button", { name, exact: true }).click();
  }
  await page.getByText("Microsoft Teams said that it stands there.").waitFor();
  expect(await shownApps(page)).toHaveLength(many);
  for (const viewport of Object.values(SIZES)) {
    await page.setViewportSize(viewport);
    expect(await overflows(page)).toEqual([]);
    expect(await covered(page)).toEqual([]);
  }
  for (const name of ["Slack", "Microsoft Teams", "Webex", "Zoom Team Chat"].slice(0, many)) {
    const app = page.getByRole("region", { name: `${name} of Acme, Inc.` });
    await write(app, `Written in ${name}`);
    await app.getByRole("log").getByText(`Written in ${name}`, { exact: true }).waitFor();
  }
  await isSound(page, `sandbox-${many}`);
  expect(await unreachableByTab(page)).toEqual([]);
});

/** The apps that are shown, from left to right. */
function shownApps(page: Page): Promise<string[]> {
  return page
    .getByRole("region", { name: / of Acme, Inc\.$/ })
    .evaluateAll((all) => all.map((one) => one.getAttribute("aria-label")?.replace(" of Acme, Inc.", "") ?? ""));
}

test("Slack's marks are how words look, and its links are told by their label", async () => {
  const page = await running();
  await page.getByRole("combobox", { name: "Who uses Slack" }).selectOption("max@acme.example");
  const message = slack(page).getByRole("article", { name: "Eli Novak" });
  await message.getByText("Build 417 is green: the log. Run make demo, not the old one.").waitFor();
  expect(await message.getByText("Build 417", { exact: true }).evaluate((one) => getComputedStyle(one).fontWeight)).toBe("600");
  expect(await message.getByText("the log", { exact: true }).getAttribute("title")).toBe("https://acme.example/builds/417");
  await isSound(page, "sandbox-formatted");
});

/** The sections of the page that stand over one another. */
function covered(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const sections = [...document.querySelectorAll<HTMLElement>("main section")];
    const boxes = sections.map((one) => ({ name: one.ariaLabel ?? "", at: one.getBoundingClientRect() }));
    return boxes.flatMap((one, nth) =>
      boxes
        .slice(nth + 1)
        .filter(
          ({ at }) =>
            at.top < one.at.bottom - 1 && at.bottom > one.at.top + 1 && at.left < one.at.right - 1 && at.right > one.at.left + 1,
        )
        .map((other) => `${one.name} and ${other.name}`),
    );
  });
}

test("what somebody types in stays open when another conversation becomes the newest", async () => {
  const page = await running();
  await field(slack(page)).pressSequentially("half a sen");
  await writesToAnn(page, "eli@acme.example", "Have you got a minute?");
  await talks(slack(page)).getByRole("button", { name: "Eli Novak New" }).waitFor();
  await slack(page).getByRole("heading", { name: "Bob Stone" }).waitFor();
  expect(await field(slack(page)).inputValue()).toBe("half a sen");
  expect(await focused(page)).toBe("Message Bob Stone");
});

test("what is not sent yet is kept for each conversation", async () => {
  const page = await running();
  await writesToAnn(page, "eli@acme.example", "Have you got a minute?");
  await slack(page).getByRole("heading", { name: "Eli Novak" }).waitFor();
  await field(slack(page)).fill("to Eli");
  await talks(slack(page)).getByRole("button", { name: "Bob Stone" }).click();
  await slack(page).getByRole("heading", { name: "Bob Stone" }).waitFor();
  expect(await field(slack(page)).inputValue()).toBe("");
  await field(slack(page)).fill("to Bob");
  await talks(slack(page)).getByRole("button", { name: "Eli Novak" }).click();
  await slack(page).getByRole("heading", { name: "Eli Novak" }).waitFor();
  expect(await field(slack(page)).inputValue()).toBe("to Eli");
  await write(slack(page), "to Eli, sent");
  await talks(slack(page)).getByRole("button", { name: "Bob Stone" }).click();
  await slack(page).getByRole("heading", { name: "Bob Stone" }).waitFor();
  expect(await field(slack(page)).inputValue()).toBe("to Bob");
});

test("after the first message to somebody new their conversation is open, whatever is newer", async () => {
  const page = await running();
  await slack(page).getByRole("searchbox").fill("max");
  await slack(page).getByRole("button", { name: /Maximiliane/ }).click();
  await field(slack(page)).fill("Welcome");
  await page.evaluate(() => {
    // Somebody is quicker by a moment, and somebody else writes before the app looks again.
    window.say("slack", "eli@acme.example", "ann@acme.example", "Hello");
  });
  await field(slack(page)).press("Enter");
  await page.evaluate(() => window.say("slack", "eli@acme.example", "ann@acme.example", "Hello again"));
  await slack(page).getByRole("log").getByText("Welcome", { exact: true }).waitFor();
  await page.keyboard.type("and one more thing");
  await slack(page).getByRole("heading", { name: /Maximiliane/ }).waitFor();
  await talks(slack(page)).getByRole("button", { name: /Maximiliane/ }).click();
  expect(await field(slack(page)).inputValue()).toBe("and one more thing");
});

test("a conversation stays open when the message that began it is deleted, and gone from the app", async () => {
  const page = await running(ALL);
  await page.getByRole("button", { name: "Zoom", exact: true }).click();
  const zoom = page.getByRole("region", { name: "Zoom Team Chat of Acme, Inc." });
  await zoom.getByText("From the train, yes.").waitFor();
  await zoom.getByRole("searchbox").fill("eli");
  await zoom.getByRole("button", { name: /Eli Novak/ }).click();
  await write(zoom, "Wrong person");
  const own = zoom.getByRole("article", { name: "Zara Quill" });
  await own.getByText("Wrong person").waitFor();
  await page.evaluate(() => window.say("zoom", "eli@acme.example", "zara@acme.example", "Who is it for?"));
  await zoom.getByRole("log").getByText("Who is it for?").waitFor();
  await own.getByRole("button", { name: "Delete" }).press("Enter");
  await own.waitFor({ state: "detached" });
  await zoom.getByRole("log").getByText("Who is it for?").waitFor();
  expect(await focused(page)).toBe("Message Eli Novak");
});

test("somebody whose address has other letters here is still themselves, and no app", async () => {
  const page = await running();
  await page.getByRole("combobox", { name: "Who uses Slack" }).selectOption("kai.berg@acme.example");
  const message = slack(page).getByRole("article", { name: "Kai Berg" });
  await message.getByText("The build is green again.").waitFor();
  expect(await message.getByText("App", { exact: true }).count()).toBe(0);
  await message.getByRole("button", { name: "Edit" }).waitFor({ state: "attached" });
});

test("Shift and Enter begin a new line, Enter sends", async () => {
  const page = await running();
  await field(slack(page)).pressSequentially("one");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("two");
  expect(await field(slack(page)).inputValue()).toBe("one\ntwo");
  await page.keyboard.press("Enter");
  await slack(page).getByRole("log").getByText("one\ntwo", { exact: true }).waitFor();
  expect(await field(slack(page)).inputValue()).toBe("");
  expect(await focused(page)).toBe("Message Bob Stone");
});

test("the focus is never lost: it returns from an edit, a deletion and a pressed button", async () => {
  const page = await running();
  const own = slack(page).getByRole("article", { name: "Ann Lee" }).last();
  await own.getByRole("button", { name: "Edit" }).press("Enter");
  expect(await focused(page)).toBe("Message Bob Stone");
  await page.keyboard.press("Escape");
  await page.locator("button:focus", { hasText: "Edit" }).waitFor();
  await page.keyboard.press("Enter");
  await page.keyboard.type(" Tomorrow.");
  await page.keyboard.press("Enter");
  await own.getByText("Tomorrow.").waitFor();
  await page.locator("textarea[aria-label='Message Bob Stone']:focus").waitFor();
  await own.getByRole("button", { name: "Delete" }).press("Enter");
  await own.getByText("This message was deleted.").waitFor();
  await page.locator("textarea[aria-label='Message Bob Stone']:focus").waitFor();
  await page.getByRole("button", { name: "Kill the hub" }).press("Enter");
  await page.locator("button:focus", { hasText: "Start the hub again" }).waitFor();
  await page.keyboard.press("Enter");
  await page.locator("button:focus", { hasText: "Kill the hub" }).waitFor();
});

test("a message's button is pressed, and the app answers", async () => {
  const page = await running();
  await page.getByRole("combobox", { name: "Who uses Slack" }).selectOption("eli@acme.example");
  await slack(page).getByRole("button", { name: "Not now" }).press("Enter");
  await slack(page).getByText("You pressed “Not now”.").waitFor();
  expect(await slack(page).getByRole("button", { name: "Not now" }).count()).toBe(0);
  await page.locator("textarea[aria-label='Message Causeway app']:focus").waitFor();
});

test("one stays at the end when a message arrives, and where one has scrolled to", async () => {
  const page = await running();
  for (let nth = 1; nth <= 30; nth += 1) {
    await page.evaluate((text) => window.say("slack", "bob@acme.example", "ann@acme.example", text), `Line ${nth}`);
  }
  const log = slack(page).getByRole("log");
  await log.getByText("Line 30", { exact: true }).waitFor();
  const fromEnd = () => log.evaluate((one) => Math.round(one.scrollHeight - one.scrollTop - one.clientHeight));
  await expect.poll(fromEnd).toBeLessThan(2);
  await writesToAnn(page, "bob@acme.example", "Seen at once");
  await log.getByText("Seen at once").waitFor();
  await expect.poll(fromEnd).toBeLessThan(2);
  await page.setViewportSize({ width: 1024, height: 600 });
  await expect.poll(fromEnd).toBeLessThan(2);
  await log.evaluate((one) => one.scrollTo({ top: 100 }));
  await writesToAnn(page, "bob@acme.example", "Seen later");
  await log.getByText("Seen later").waitFor();
  expect(await log.evaluate((one) => one.scrollTop)).toBe(100);
});

test("of the apps only the one that is used tells what arrives", async () => {
  const page = await running(ALL);
  await page.setViewportSize(SIZES.large);
  for (const name of ["Webex", "Zoom"]) await page.getByRole("button", { name, exact: true }).click();
  const telling = () =>
    page.getByRole("log").evaluateAll((all) => all.map((one) => one.getAttribute("aria-live")));
  expect(await telling()).toEqual(["off", "off", "off", "off"]);
  await field(teams(page)).focus();
  await expect.poll(telling).toEqual(["off", "polite", "off", "off"]);
  await field(slack(page)).focus();
  await expect.poll(telling).toEqual(["polite", "off", "off", "off"]);
});

test("a new message is told, and not what is edited or read again", async () => {
  const page = await running();
  const log = slack(page).getByRole("log");
  await field(slack(page)).focus();
  expect(await log.getAttribute("aria-relevant")).toBe("additions");
  await log.evaluate((one) => {
    window.added = [];
    new MutationObserver((changes) => {
      const nodes = changes.flatMap(({ addedNodes }) => [...addedNodes]);
      const drawn = nodes.filter((node) => node.nodeName === "ARTICLE");
      window.added.push(...drawn.map(({ textContent }) => textContent ?? ""));
    }).observe(one, { childList: true });
  });
  const own = slack(page).getByRole("article", { name: "Ann Lee" }).first();
  await own.getByRole("button", { name: "Edit" }).press("Enter");
  await write(slack(page), "Is the offer ready?");
  await own.getByText("Is the offer ready?").waitFor();
  await writesToAnn(page, "bob@acme.example", "It is.");
  await log.getByText("It is.").waitFor();
  const added = await page.evaluate(() => window.added);
  expect(added).toHaveLength(1);
  expect(added[0]).toContain("It is.");
});

test("pausing there holds what is written until it is resumed", async () => {
  const page = await running();
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  await page.getByRole("link", { name: "Status: Paused. Open Home." }).waitFor();
  await write(slack(page), "held back");
  await slack(page).getByText("held back").waitFor();
  expect(await teams(page).getByText("held back").count()).toBe(0);
  await page.getByRole("button", { name: "Resume", exact: true }).click();
  await teams(page).getByText("held back").waitFor();
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
  expect(await field(slack(page)).inputValue()).toBe("please refuse this");
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
  await page.getByRole("link", { name: "Status: Not answering. Open Home." }).waitFor();
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
