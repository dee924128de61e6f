// Has a hub and a sandbox do what the product does, and records every call between them: all legs,
// edits, deletions, consent, guests, preflight, notifications and polling, gaps, refused and cut
// calls, renewals. Usage: node tests/strangers/record_product.mjs SEED RECORD.jsonl

import { readFileSync } from "node:fs";

import { Hub, check, freePort, main, sandbox, until } from "./hub.mjs";
import { Talk, said, word } from "./talk.mjs";

const SPEED = "20";
// At this one an hour, the life of tokens and subscriptions, takes half a minute. The hub's own clock
// does not hurry: much faster, and what it takes for an hour ahead is past.
const HURRY = "120";
const LONG_PATIENCE_MS = 90_000;

// How people are represented where they do not work, in the sandbox's Acme.
const SLACK = { own: "ann@acme.example", asked: "eli@acme.example", app: "gus@acme.example" };
const TEAMS = { own: "bob@acme.example", asked: "dana@acme.example", app: "nia@acme.example" };
const DECLINES = "fay@acme.example";
const GUEST = "noor@lattice.example";
const THIRD = "raj@acme.example";

const RICH_SLACK = "*bold* _it_ ~no~ `code` <https://acme.example/a?b=1&amp;c|link> :tada:\n- one\n- two";
const RICH_TEAMS =
  '<p><strong>bold</strong> <em>it</em> <code>x</code> <a href="https://acme.example/">l</a></p><ul><li>one</li></ul>';

let control;
let talk;

async function allLegs() {
  for (const engineer of [SLACK.own, SLACK.app]) {
    for (const rep of [TEAMS.own, TEAMS.app]) {
      await talk.says(engineer, "slack", rep, "teams", RICH_SLACK);
      await talk.says(rep, "teams", engineer, "slack", RICH_TEAMS);
    }
  }
  await talk.says(SLACK.own, "slack", TEAMS.asked, "teams");
}

/** Those who write have to be asked first; one of them declines. */
async function consent() {
  const asked = [
    [SLACK.asked, "slack", TEAMS.own, "teams", "grant"],
    [TEAMS.asked, "teams", SLACK.own, "slack", "grant"],
    [DECLINES, "slack", TEAMS.own, "teams", "decline"],
  ];
  for (const [who, on, other, there, answer] of asked) {
    const text = word();
    await control.act(who, on, "send", await talk.place(who, on, other), text);
    await until(`${who} answers`, async () => {
      const given = control.call("/consent", { as: who, answer });
      return given.then((answered) => answered.answered, () => false);
    });
    await control.sees(other, there, text);
  }
}

async function guests(hub) {
  await hub.asked("people", "unpair", GUEST);
  const pair = ["people", "pair", GUEST, "--primary", "slack", "--secondary", "teams"];
  await hub.asked(...pair, "--mode", "guest");
  const guest = async (state) =>
    until(`the guest is ${state}`, async () => {
      const { people } = await hub.asked("people", "list", GUEST);
      return people.some((one) => one.pairings.some((pairing) => pairing.guest === state));
    });
  await guest("invited");
  const to = await talk.place(GUEST, "slack", TEAMS.own);
  const [byApp, bySelf] = [word(), word()];
  await control.act(GUEST, "slack", "send", to, byApp);
  await control.sees(TEAMS.own, "teams", byApp);
  const { user_code } = await hub.asked("people", "sign-in", GUEST);
  await control.call("/device", { user_code, signed_in_as: GUEST, answer: "grant" });
  await guest("redeemed");
  await control.act(GUEST, "slack", "send", to, bySelf);
  await control.sees(TEAMS.own, "teams", bySelf);
  await hub.asked("people", "unpair", GUEST, "--remove-guest");
}

// Longer than Slack goes on telling what nobody acknowledged.
const LONG_GAP_MS = 15 * 60_000;

/** What happens while nobody hears is told again, or read back where the gap was long. */
async function gap(hub, args, advance_ms) {
  const there = await talk.place(SLACK.own, "slack", TEAMS.own);
  const back = await talk.place(TEAMS.own, "teams", SLACK.own);
  const [kept, edited, gone] = [word(), word(), word()];
  const ids = [];
  for (const text of [kept, edited, gone]) {
    ids.push(await control.act(SLACK.own, "slack", "send", there, text));
    await control.sees(TEAMS.own, "teams", text);
  }
  await hub.stop("SIGKILL");
  const [missed, changed, answered] = [word(), word(), word()];
  await control.act(SLACK.own, "slack", "send", there, missed);
  await control.act(SLACK.own, "slack", "edit", { message: ids[1] }, changed);
  await control.act(SLACK.own, "slack", "delete", { message: ids[2] });
  await control.act(TEAMS.own, "teams", "send", back, answered);
  if (advance_ms) await control.call("/clock", { advance_ms });
  await hub.relay(...args);
  await hub.hears(2);
  for (const text of [missed, changed]) await control.sees(TEAMS.own, "teams", text);
  await control.sees(SLACK.own, "slack", answered);
  await talk.isGone(TEAMS.own, "teams", gone);
}

/** Answers that are lost, refused or late, and tokens that end. */
async function faults() {
  const struck = [
    ["teams", "POST /chats/{id}/messages", "cut"],
    ["teams", "POST /chats/{id}/messages", "throttle"],
    ["teams", "POST /chats/{id}/messages", "expire"],
    ["slack", "chat.postMessage", "cut"],
    ["slack", "chat.postMessage", "throttle"],
    ["slack", "socket", "cut"],
    ["entra", undefined, "fail_before"],
  ];
  const there = await talk.place(SLACK.own, "slack", TEAMS.own);
  const back = await talk.place(TEAMS.own, "teams", SLACK.own);
  for (const [on, method, fault] of struck) {
    await control.call("/faults", { on, method, fault });
    const [sent, answered] = [word(), word()];
    await control.act(SLACK.own, "slack", "send", there, sent);
    await control.act(TEAMS.own, "teams", "send", back, answered);
    await control.sees(TEAMS.own, "teams", sent);
    await control.sees(SLACK.own, "slack", answered);
  }
}

/** Somebody comes into the chat in which the app speaks for two. */
async function stranger() {
  const text = word();
  await control.act(SLACK.app, "slack", "send", await talk.place(SLACK.app, "slack", TEAMS.own), text);
  const { place: chat } = await control.sees(TEAMS.own, "teams", text);
  const to = { conversation: chat.id };
  await control.act(TEAMS.own, "teams", "invite", to, THIRD);
  const after = word();
  await control.act(SLACK.app, "slack", "send", await talk.place(SLACK.app, "slack", TEAMS.own), after);
  await control.sees(TEAMS.own, "teams", after);
}

/** The directory changes, and everything is looked through. */
async function administration(hub) {
  await control.call("/people", { email: "joins@acme.example", on: "slack", name: "Jo In", joins: true });
  await control.call("/people", { email: THIRD, on: "teams", name: "Raj P." });
  await hub.asked("people", "import");
  for (const user_consent of [true, false]) {
    await control.call("/tenant", { user_consent });
    await hub.run("preflight", "--all");
  }
  await control.call("/tenant", { user_consent: true });
}

/** A sandbox and a hub that is told what happens in Teams. */
async function begun(speed, seed, record) {
  const stage = await sandbox("--speed", speed, "--seed", seed, "--record", record);
  control = stage.control;
  talk = new Talk(control);
  const hub = new Hub();
  await hub.asked("demo", "--prepare", "--control", control.url);
  const port = await freePort();
  const told = ["--listen", `127.0.0.1:${port}`, "--public-url", `http://127.0.0.1:${port}`];
  await hub.relay(...told);
  await hub.hears(2);
  return { stage, hub, told };
}

/** A gap at the pace of the hub's own clock: what is gone is asked for. */
async function longGap(seed, record) {
  const { stage, hub, told } = await begun("1", seed, record);
  await gap(hub, told, LONG_GAP_MS);
  await hub.forget();
  await stage.stop();
}

/** Hours pass: tokens and subscriptions are renewed. */
async function hours(seed, record) {
  const { stage, hub } = await begun(HURRY, seed, record);
  await until(
    "a subscription is renewed",
    () => readFileSync(record, "utf8").includes('"PATCH /subscriptions/{id}"'),
    LONG_PATIENCE_MS,
  );
  await hub.forget();
  await stage.stop();
}

await main("the product is recorded", async () => {
  const [seed, record] = process.argv.slice(2);
  check(seed && record, "usage: record_product.mjs SEED RECORD.jsonl");
  const { stage, hub, told } = await begun(SPEED, seed, record);
  await allLegs();
  await consent();
  await guests(hub);
  await administration(hub);
  await stranger();
  await gap(hub, told);
  await faults();
  await hub.stop();
  // Once more without an address: polled, and people sign in with a code.
  const polled = ["--listen", "127.0.0.1:0"];
  await hub.relay(...polled);
  await hub.hears(2);
  await talk.says(SLACK.own, "slack", TEAMS.own, "teams");
  await gap(hub, polled);
  await hub.asked("disconnect", "--platform", "teams", "--yes");
  await hub.asked("disconnect", "--platform", "slack", "--yes");
  await hub.forget();
  await stage.stop();
  await longGap(seed, record);
  await hours(seed, record);
  return `${said()} messages, in ${record}`;
});
