// Holds the Zoom stand-in against Zoom's own library, @zoom/rivet, and what it answers and tells
// against the library's types. It knows Zoom's hosts and no others: they are mapped.
//
// Reads the sandbox's description on stdin. Usage: node zoom_rivet_client.mjs KEY.pem CERTIFICATE.pem

import { readFileSync } from "node:fs";
import { createServer as createPlainServer } from "node:http";
import { createInterface } from "node:readline";

import { ChatbotClient } from "@zoom/rivet/chatbot";
import { TeamChatClient, TeamChatS2SAuthClient } from "@zoom/rivet/teamchat";
import { UsersS2SAuthClient } from "@zoom/rivet/users";

import { mapHosts } from "./zoom_hosts.mjs";
import { Typed } from "./zoom_types.mjs";

const ZARA = "zara@acme.example";
const THEO = "theo@acme.example";
const YARA = "yara@acme.example";
const PATIENCE_MS = 20_000;
// What a signature over the raw body and one over the parsed and written body could differ in.
const SPOKEN = 'tickets "42" / <b>ünïcödé</b> \u{1f389}\n\\ and a tab\t.';

// What is otherwise than the types say, and why it may be. `docs/verification.md` tells more.
const ALLOWED = [
  [
    /^(createChannel|getChatMessageReports|bot_notification): Object literal may only specify known/,
    "the stand-in says more than is described, which is not relied on",
  ],
  [
    /^team_chat\.(channel|dm)_reaction_added: Object literal may only specify known/,
    "the same: where it was, as the events of messages tell it",
  ],
  [
    /^chat_channel\.member_removed: Type 'number' is not assignable to type 'string'/,
    "the types have event_ts as a string in this event alone of all",
  ],
];

let sandbox;
let zoom;

function check(condition, what) {
  if (!condition) throw new Error(what);
}

async function readDescription() {
  for await (const line of createInterface({ input: process.stdin })) return JSON.parse(line);
  throw new Error("there is no description on stdin");
}

async function control(path, body) {
  const init = body && { method: "POST", body: JSON.stringify(body) };
  const answer = await fetch(sandbox.control + path, init);
  check(answer.ok, `${path}: ${answer.status}`);
  return answer.json();
}

async function freePort() {
  const server = createPlainServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function refused(promise, pattern) {
  const failure = await promise.then(
    () => undefined,
    (error) => error,
  );
  check(failure, `it passed, and ${pattern} was due`);
  check(pattern.test(failure.message), `${failure.message}, not ${pattern}`);
}

/** Events as rivet emits them, once their signature has passed. */
class Heard {
  events = [];

  constructor(client, typed, ...names) {
    const heard = (event) => {
      this.events.push(event);
      typed.told(event);
    };
    for (const name of names) client.webEventConsumer.event(name, heard);
  }

  async one(name, fits) {
    const end = Date.now() + PATIENCE_MS;
    for (;;) {
      const found = this.events.find((event) => event.event === name && fits(event.payload));
      if (found) return found.payload;
      check(Date.now() < end, `in vain waited for ${name}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

function serverToServer(Client, secret = zoom.server_to_server.client_secret, rest = {}) {
  return new Client({
    clientId: zoom.server_to_server.client_id,
    clientSecret: secret,
    accountId: zoom.account_id,
    ...rest,
  });
}

async function tokens(client) {
  const token = await client.auth.getToken();
  check(token === (await client.auth.getToken()), "the token was not kept");
  const { expirationTimeIso, scopes } = client.auth.tokenStore.getLatestToken();
  check(scopes.includes("team_chat:write:user_message:admin"), `scopes ${scopes}`);
  const lasts = (Date.parse(expirationTimeIso) - Date.now()) / 1000;
  check(lasts > 3500 && lasts <= 3600, `it lasts ${lasts} seconds`);
  const wrong = serverToServer(TeamChatS2SAuthClient, "wrong", { disableReceiver: true });
  await refused(wrong.auth.getToken(), /status code 4\d\d/);
}

async function directory(client) {
  const everyone = [];
  let next;
  do {
    const query = { status: "active", page_size: 3, next_page_token: next };
    const { data } = await client.endpoints.users.listUsers({ query });
    check(data.users.length <= 3, "a page is too long");
    everyone.push(...data.users);
    next = data.next_page_token;
  } while (next);
  const ids = new Set(everyone.map((user) => user.id));
  check(ids.size === everyone.length && ids.size > 4, "pages overlap, or too few people came");
  const { data: zara } = await client.endpoints.users.getUser({ path: { userId: ZARA } });
  check(zara.display_name === "Zara Quill" && zara.status === "active", "the wrong Zara");
  check(ids.has(zara.id), "Zara is not listed");
  await refused(client.endpoints.users.getUser({ path: { userId: "no@acme.example" } }), /404\/1001/);
  return zara;
}

async function channels({ endpoints }) {
  const path = { userId: ZARA };
  const body = { name: "Tickets", type: 1, members: [{ email: THEO }] };
  const made = await endpoints.chatChannels.createChannel({ path, body });
  check(made.statusCode === 201 && made.data.id && made.data.jid, "a channel without its shape");
  const inside = { userId: ZARA, channelId: made.data.id };
  const { chatChannels, chatChannelsAccountLevel: ofAccount } = endpoints;
  const invited = await ofAccount.inviteChannelMembers({
    path: inside,
    body: { members: [{ email: YARA }] },
  });
  check(invited.statusCode === 201 && invited.data.ids && invited.data.added_at, "nobody invited");
  const { data: there } = await ofAccount.listChannelMembers({ path: inside });
  const emails = there.members.map((member) => member.email).sort();
  check(emails.join() === [THEO, YARA, ZARA].join(), `members ${emails}`);
  check(there.members.find((one) => one.email === ZARA).role === "owner", "who owns it?");
  const { data: listed } = await chatChannels.listUsersChannels({ path });
  check(listed.channels.some((one) => one.id === made.data.id && one.name === "Tickets"), "not listed");
  const { data: renamed } = await ofAccount
    .updateChannel({ path: inside, body: { name: "Bugs" } })
    .then(() => ofAccount.getChannel({ path: inside }));
  check(renamed.name === "Bugs", "the name was not changed");
  return { ...made.data, invitedId: invited.data.ids };
}

/** Everything said in a channel, newest first, page by page. */
async function said(endpoints, query) {
  const all = [];
  let next;
  do {
    const page = { ...query, page_size: 2, next_page_token: next };
    const { data } = await endpoints.chatMessages.listUsersChatMessages({
      path: { userId: THEO },
      query: page,
    });
    all.push(...data.messages);
    next = data.next_page_token;
  } while (next);
  return all;
}

async function messages(client, heard, channel) {
  const { chatMessages } = client.endpoints;
  const path = { userId: ZARA };
  const to_channel = channel.id;
  const ids = [];
  for (const message of ["one", "two", SPOKEN]) {
    const sent = await chatMessages.sendChatMessage({ path, body: { message, to_channel } });
    check(sent.statusCode === 201, "a message that was not made");
    ids.push(sent.data.id);
    const { object, operator } = await heard.one(
      "team_chat.channel_message_posted",
      (payload) => payload.object.message_id === sent.data.id,
    );
    check(object.message === message && operator === ZARA, "an event about something else");
    check(object.channel_id === to_channel && object.channel_name === "Bugs", "another channel");
  }
  const listed = await said(client.endpoints, { to_channel });
  check(listed.map((one) => one.message).join() === [SPOKEN, "two", "one"].join(), "another order");
  check(listed[0].id === ids[2] && listed[0].sender === ZARA, "another message");

  const of = (index) => ({ userId: ZARA, messageId: ids[index] });
  const body = { message: "second", to_channel };
  const edited = await chatMessages.updateMessage({ path: of(1), body });
  check(edited.statusCode === 204, "an edit has no answer");
  await heard.one("team_chat.channel_message_updated", ({ object }) => object.message === "second");
  const byTheo = { path: { ...of(1), userId: THEO }, body };
  await refused(chatMessages.updateMessage(byTheo), /403\/200/);
  const query = { to_channel };
  const gone = await chatMessages.deleteMessage({ path: of(0), query });
  check(gone.statusCode === 204, "a deletion has no answer");
  await heard.one("team_chat.channel_message_deleted", ({ object }) => object.message_id === ids[0]);
  await refused(chatMessages.deleteMessage({ path: of(0), query }), /\[4\d\d\/\d+\]/);
  const left = await said(client.endpoints, { to_channel });
  check(left.map((one) => one.message).join() === [SPOKEN, "second"].join(), "what is left differs");
  const { data: got } = await chatMessages.getMessage({ path: of(1), query });
  check(got.message === "second", "the edit is not seen");
}

async function thread(client, heard, channel) {
  const { chatMessages } = client.endpoints;
  const to_channel = channel.id;
  const say = async (userId, message, more = {}) => {
    const body = { message, to_channel, ...more };
    return (await chatMessages.sendChatMessage({ path: { userId }, body })).data.id;
  };
  const root = await say(ZARA, "a question");
  const reply = await say(THEO, "an answer", { reply_main_message_id: root });
  const { object } = await heard.one(
    "team_chat.channel_message_posted",
    (payload) => payload.object.message_id === reply,
  );
  check(object.reply_main_message_id === root, "an answer to nothing");
  const react = { action: "add", emoji: "U+1F44D", to_channel };
  await chatMessages.reactToChatMessage({ path: { userId: THEO, messageId: root }, body: react });
  await heard.one("team_chat.channel_reaction_added", (payload) => payload.object.msg_id === root);
  const { data } = await chatMessages.retrieveThread({
    path: { userId: ZARA, messageId: root },
    query: { to_channel, from: "2020-01-01T00:00:00Z" },
  });
  check(data.messages.some((one) => one.message === "an answer"), "the thread has no answer");
}

async function direct(client, heard) {
  const { chatMessages, chatSessions } = client.endpoints;
  const body = { message: "between us", to_contact: THEO };
  const sent = await chatMessages.sendChatMessage({ path: { userId: ZARA }, body });
  await heard.one(
    "team_chat.dm_message_posted",
    ({ object }) => object.message_id === sent.data.id && object.contact_email === THEO,
  );
  const seen = await said(client.endpoints, { to_contact: ZARA });
  check(seen[0].id === sent.data.id, "Theo sees another message");
  const path = { userId: ZARA, messageId: sent.data.id };
  const to = { to_contact: THEO };
  await chatMessages.updateMessage({ path, body: { message: "among us", ...to } });
  await heard.one("team_chat.dm_message_updated", ({ object }) => object.message === "among us");
  const react = { action: "add", emoji: "U+1F44D", to_contact: ZARA };
  await chatMessages.reactToChatMessage({ path: { ...path, userId: THEO }, body: react });
  await heard.one("team_chat.dm_reaction_added", ({ object }) => object.msg_id === path.messageId);
  const day = (ms) => new Date(ms).toISOString();
  const { now_ms } = await control("/clock");
  const { data } = await chatSessions.listUsersChatSessions({
    path: { userId: THEO },
    query: { from: day(now_ms - 86_400_000), to: day(now_ms + 1000) },
  });
  check(data.sessions.some((one) => one.peer_contact_email === ZARA), "no session with Zara");
  await chatMessages.deleteMessage({ path, query: to });
  await heard.one("team_chat.dm_message_deleted", ({ object }) => object.message_id === path.messageId);
}

/** Whoever is taken out reads no more, and a channel that is deleted is gone. */
async function comings(client, heard) {
  const { chatChannels, chatChannelsAccountLevel: ofAccount, chatMessages } = client.endpoints;
  const body = { name: "Passing", type: 1, members: [{ email: THEO }, { email: YARA }] };
  const { data: made } = await chatChannels.createChannel({ path: { userId: ZARA }, body });
  const inside = { userId: ZARA, channelId: made.id };
  const about = ({ object }) => object.id === made.id;
  await ofAccount.removeMember({ path: { ...inside, identifier: THEO } });
  await heard.one("chat_channel.member_removed", about);
  const { data } = await ofAccount.listChannelMembers({ path: inside });
  check(!data.members.some((one) => one.email === THEO), "Theo is still there");
  const read = { path: { userId: THEO }, query: { to_channel: made.id } };
  await refused(chatMessages.listUsersChatMessages(read), /\[40[34]\/\d+\]/);
  await ofAccount.deleteChannel({ path: inside });
  await heard.one("chat_channel.deleted", about);
  await refused(ofAccount.getChannel({ path: inside }), /404\/4130/);
}

/** The account's own record of who wrote what. */
async function reports(client) {
  const { getChatSessionsReports, getChatMessageReports } = client.endpoints.reports;
  const { now_ms } = await control("/clock");
  const today = new Date(now_ms).toISOString().slice(0, 10);
  const query = { from: today, to: today };
  const { data } = await getChatSessionsReports({ query });
  const session = data.sessions.find((one) => one.name === "Bugs");
  check(session, "the channel is not in the report");
  const { data: told } = await getChatMessageReports({ path: { sessionId: session.id }, query });
  check(told.messages.some((one) => one.message === SPOKEN), "a message is not in the report");
}

/** Somebody's own sign-in: the page, the code, the state in the cookie, and a token that renews. */
async function byCode(port) {
  const client = new TeamChatClient({
    clientId: zoom.user_app.client_id,
    clientSecret: zoom.user_app.client_secret,
    webhooksSecretToken: zoom.secret_token,
    port,
    installerOptions: {
      redirectUri: `http://127.0.0.1:${port}`,
      stateStore: "a secret of the installer's",
      directInstall: true,
    },
  });
  await client.start();
  const asked = await fetch(`http://127.0.0.1:${port}/zoom/oauth/install`, { redirect: "manual" });
  const page = new URL(asked.headers.get("location"));
  check(page.origin === "https://zoom.us", `sent to ${page.origin}`);
  page.searchParams.set("login_hint", YARA);
  page.searchParams.set("accept", "1");
  const there = new URL(sandbox.zoom).origin + page.pathname + page.search;
  const decided = await fetch(there, { redirect: "manual" });
  check(decided.headers.has("location"), `the page answered ${decided.status}`);
  const cookie = asked.headers.get("set-cookie").split(";")[0];
  const back = await fetch(decided.headers.get("location"), { headers: { cookie } });
  check(back.status === 200, `the callback answered ${back.status}`);
  const first = client.auth.tokenStore.getLatestToken();
  check(first.refreshToken && first.scopes.includes("team_chat:write:user_message"), "no token");
  const { chatChannels } = client.endpoints;
  const { data } = await chatChannels.listUsersChannels({ path: { userId: "me" } });
  check(data.channels.some((one) => one.name === "Bugs"), "Yara's channels are others");
  client.auth.tokenStore.storeToken({ ...first, expirationTimeIso: new Date(0).toISOString() });
  await chatChannels.listUsersChannels({ path: { userId: "me" } });
  const second = client.auth.tokenStore.getLatestToken();
  check(second.accessToken !== first.accessToken, "the token was not renewed");
  check(second.refreshToken !== first.refreshToken, "the refresh token is still the first");
  await client.receiver.stop();
}

async function chatbot(client, heard, zara, channel) {
  const { robot_jid } = zoom.chatbot;
  const { messages: bot } = client.endpoints;
  const content = (text) => ({ head: { text: "Causeway" }, body: [{ type: "message", text }] });
  const common = { robot_jid, account_id: zoom.account_id, user_jid: zara.jid };
  const sent = await bot.sendChatbotMessage({
    body: { ...common, to_jid: zara.jid, content: content("hello Zara") },
  });
  check(sent.data.message_id && sent.data.robot_jid === robot_jid, "a message without its shape");
  await seen("hello Zara");
  const path = { message_id: sent.data.message_id };
  await bot.editChatbotMessage({ path, body: { ...common, content: content("hello again") } });
  await seen("hello again");
  await bot.deleteChatbotMessage({ path, query: common });
  await seen("hello again", false);
  await bot.sendChatbotMessage({
    body: { ...common, to_jid: channel.jid, content: content("hello all") },
  });
  await seen("hello all");
  const stranger = { ...common, to_jid: "nobody@xmpp.zoom.us", content: content("who?") };
  await refused(bot.sendChatbotMessage({ body: stranger }), /\[4\d\d\/7\d+\]/);

  client.webEventConsumer.onSlashCommand("status", ({ say }) => say("all is well"));
  const text = "/causeway status";
  const to = { conversation: channel.id };
  await control("/act", { as: ZARA, on: "zoom", do: "command", to, text });
  const asked = await heard.one("bot_notification", (payload) => payload.cmd === "status");
  check(asked.toJid === channel.jid && asked.userJid === zara.jid, "asked elsewhere");
  await seen("all is well");
}

/** Waits until Zara sees a text in her app, or does not any more. */
async function seen(text, there = true) {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const { conversations } = await control(`/view?as=${ZARA}&on=zoom`);
    const all = conversations.flatMap((place) => place.messages);
    if (all.some((one) => !one.deleted && one.text.includes(text)) === there) return;
    check(Date.now() < end, `${text}: Zara ${there ? "does not see" : "still sees"} it`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A URL whose receiver knows another secret is not taken. */
async function foreignSecret(port) {
  const foreign = serverToServer(TeamChatS2SAuthClient, undefined, {
    webhooksSecretToken: "another",
    port,
  });
  await foreign.start();
  const url = `http://127.0.0.1:${port}/zoom/events`;
  const body = JSON.stringify({ url });
  const answer = await fetch(`${sandbox.control}/zoom/webhook`, { method: "POST", body });
  check(!answer.ok, "a receiver with another secret was taken");
  await foreign.receiver.stop();
}

async function main(key, certificate) {
  await mapHosts(new URL(sandbox.zoom).origin, key, certificate);
  const [port, botPort] = [await freePort(), await freePort()];
  await foreignSecret(port);
  const webhooksSecretToken = zoom.secret_token;
  const client = serverToServer(TeamChatS2SAuthClient, undefined, { webhooksSecretToken, port });
  const bot = new ChatbotClient({
    clientId: zoom.chatbot.client_id,
    clientSecret: zoom.chatbot.client_secret,
    webhooksSecretToken,
    port: botPort,
  });
  await client.start();
  await bot.start();
  await control("/zoom/webhook", {
    url: `http://127.0.0.1:${port}/zoom/events`,
    bot_url: `http://127.0.0.1:${botPort}/zoom/events`,
  });
  const verbs = ["message_posted", "message_updated", "message_deleted", "reaction_added"];
  const told = ["channel", "dm"].flatMap((kind) => verbs.map((verb) => `team_chat.${kind}_${verb}`));
  const users = serverToServer(UsersS2SAuthClient, undefined, { disableReceiver: true });
  const typed = [
    new Typed("teamchat", client),
    new Typed("chatbot", bot),
    new Typed("users", users),
  ];
  const members = ["invited", "joined", "left", "removed"].map((verb) => `member_${verb}`);
  const names = ["created", "updated", "deleted", ...members].map((verb) => `chat_channel.${verb}`);
  const heard = new Heard(client, typed[0], ...names, ...told);
  const botHeard = new Heard(bot, typed[1], "bot_notification");

  await tokens(client);
  const zara = await directory(users);
  const channel = await channels(client);
  await heard.one("chat_channel.created", ({ object }) => object.id === channel.id);
  await heard.one(
    "chat_channel.member_invited",
    ({ object }) => object.id === channel.id && object.members.some((one) => one.id === channel.invitedId),
  );
  await messages(client, heard, channel);
  await thread(client, heard, channel);
  await direct(client, heard);
  await comings(client, heard);
  await reports(client);
  await byCode(await freePort());
  await chatbot(bot, botHeard, zara, channel);
  for (const one of typed) {
    check(one.values.length > 0, `nothing of ${one.module} was held against its types`);
    const allowed = (fault) => ALLOWED.some(([pattern]) => pattern.test(fault));
    const faults = one.faults().filter((fault) => !allowed(fault));
    check(faults.length === 0, `otherwise than its types: ${faults.join("; ")}`);
  }
}

try {
  const files = process.argv.slice(2).map((path) => readFileSync(path));
  sandbox = await readDescription();
  zoom = sandbox.credentials.zoom;
  await main(...files);
  console.log("@zoom/rivet finds everything as it should be");
  process.exit(0);
} catch (failure) {
  console.error(`rivet: ${failure.stack}`);
  process.exit(1);
}
