// Holds the Slack stand-in against the official Node clients.
//
// Reads the sandbox's description (one line of JSON) on stdin. Needs `@slack/web-api` and
// `@slack/socket-mode`. Exits with 1 and a message when anything is not as Slack does it.

import { createInterface } from "node:readline";
import { LogLevel, SocketModeClient } from "@slack/socket-mode";
import { WebClient } from "@slack/web-api";

const PATIENCE_MS = 15_000;
const ANN = "ann@acme.example";
const BOB = "bob@acme.example";

function check(condition, what) {
  if (!condition) throw new Error(what);
}

async function refused(call, error) {
  try {
    await call();
  } catch (failure) {
    check(failure.data?.error === error, `${failure.data?.error ?? failure.message}, not ${error}`);
    return;
  }
  throw new Error(`it passed, though ${error} was due`);
}

async function readDescription() {
  for await (const line of createInterface({ input: process.stdin })) return JSON.parse(line);
  throw new Error("there is no description on stdin");
}

async function control(description, path, body) {
  const answer = await fetch(description.control + path, {
    method: body === undefined ? "GET" : "POST",
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const value = await answer.json();
  check(answer.ok, `${path}: ${JSON.stringify(value)}`);
  return value;
}

function within(promise, what) {
  const late = new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`${what} never came`)), PATIENCE_MS).unref();
  });
  return Promise.race([promise, late]);
}

async function directory(bot) {
  const people = new Map();
  for await (const page of bot.paginate("users.list", { limit: 6 })) {
    check(page.members.length <= 6, "a page is longer than its limit");
    for (const user of page.members) {
      check(!people.has(user.id), "pages overlap");
      people.set(user.id, user);
    }
  }
  const ids = new Map([...people.values()].map((user) => [user.profile.email, user.id]));
  check(ids.has(ANN) && ids.has(BOB), "somebody is missing");
  return ids;
}

async function messages(bot, ids) {
  const { channel } = await bot.conversations.open({ users: ids.get(ANN) });
  const posted = await bot.chat.postMessage({
    channel: channel.id,
    text: "first",
    username: "Bob Stone",
    metadata: { event_type: "causeway_relay", event_payload: { rid: "2" } },
  });
  check(posted.message.username === "Bob Stone", "the name was not taken");
  const edited = await bot.chat.update({ channel: channel.id, ts: posted.ts, text: "second" });
  check(edited.text === "second", "the edit is not in the answer");
  const history = await bot.conversations.history({
    channel: channel.id,
    include_all_metadata: true,
  });
  check(history.messages[0].metadata.event_payload.rid === "2", "the metadata did not come back");
  await bot.chat.delete({ channel: channel.id, ts: posted.ts });
  await refused(
    () => bot.chat.delete({ channel: channel.id, ts: posted.ts }),
    "message_not_found",
  );
}

async function history(description, ann, ids) {
  const texts = [];
  for (let number = 0; number < 7; number += 1) {
    const text = `m${number}`;
    await control(description, "/act", { as: BOB, on: "slack", do: "send", to: { dm: ANN }, text });
    texts.unshift(text);
  }
  const { channel } = await ann.conversations.open({ users: ids.get(BOB) });
  const read = [];
  for await (const page of ann.paginate("conversations.history", { channel: channel.id, limit: 3 })) {
    check(page.messages.length <= 3, "a page is longer than its limit");
    read.push(...page.messages.map((message) => message.text));
  }
  const newest = read.slice(0, texts.length);
  check(JSON.stringify(newest) === JSON.stringify(texts), `history is ${read}`);
}

async function sockets(description, bot) {
  const client = new SocketModeClient({
    appToken: description.credentials.slack.app_token,
    logLevel: LogLevel.ERROR,
    clientOptions: { slackApiUrl: description.slack },
  });
  const heard = new Promise((resolve) => {
    client.on("message", async ({ event, ack, retry_num: retries }) => {
      await ack();
      if (event.subtype === undefined) resolve({ event, retries });
    });
  });
  const commanded = new Promise((resolve) => {
    client.on("slash_commands", async ({ body, ack }) => {
      await ack({ text: "hello from node" });
      resolve(body);
    });
  });
  await within(client.start(), "hello");
  const said = { as: ANN, on: "slack", do: "app_message", text: "hi `there` :tada:" };
  await control(description, "/act", said);
  const { event } = await within(heard, "the event");
  check(event.channel_type === "im", "not a DM");
  const kinds = event.blocks[0].elements[0].elements.map((element) => element.type);
  check(JSON.stringify(kinds) === '["text","text","text","emoji"]', `elements are ${kinds}`);
  await control(description, "/act", { as: ANN, on: "slack", do: "command", text: "/causeway Bob" });
  const body = await within(commanded, "the command");
  check(body.text === "Bob", `the command's text is ${body.text}`);
  const answer = await fetch(body.response_url, {
    method: "POST",
    body: JSON.stringify({ text: "later", response_type: "ephemeral" }),
  });
  check(answer.ok, "the response_url refused");

  // A cut line is mended by the client itself.
  const again = new Promise((resolve) => client.once("connected", resolve));
  await control(description, "/faults", { on: "slack", method: "socket", fault: "cut" });
  await within(again, "the second connection");
  await client.disconnect();
  const { conversations } = await control(description, `/view?as=${ANN}&on=slack`);
  const shown = conversations.flatMap((found) => found.messages).map((message) => message.text);
  check(shown.includes("hello from node") && shown.includes("later"), `shown is ${shown}`);
  await bot.auth.test();
}

try {
  const description = await readDescription();
  const { bot_token: botToken, user_tokens: userTokens } = description.credentials.slack;
  const options = { slackApiUrl: description.slack };
  const bot = new WebClient(botToken, options);
  const ann = new WebClient(userTokens[ANN], options);
  const ids = await directory(bot);
  await messages(bot, ids);
  await history(description, ann, ids);
  await sockets(description, bot);
  await refused(() => bot.conversations.info({ channel: "C0NOWHERE" }), "channel_not_found");
  console.log("@slack/web-api, @slack/socket-mode: all as Slack does it");
  process.exit(0);
} catch (failure) {
  console.error(`node: ${failure.message}`);
  process.exit(1);
}
