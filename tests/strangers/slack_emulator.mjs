// Connects the hub to somebody else's emulator of Slack (vercel-labs/emulate) on the one side and the
// sandbox's Teams on the other: what people write in Teams has to stand in the emulator, as its own
// Web API tells it. The emulator has no Socket Mode, so nothing goes the other way; and the wire before
// it makes up for two methods and one field that it lacks.
//
// Needs emulate and ws, which scripts/strangers.sh fetches.

import { createServer } from "node:http";

import { createEmulator } from "emulate";
import { WebSocketServer } from "ws";

import { Hub, check, freePort, main, sandbox, until } from "./hub.mjs";

const APP = { app_id: "A00000001", bot_id: "B00000001", bot_user_id: "U00000BOT" };
const BOT_TOKEN = "xoxb-1-1-stranger";
const APP_TOKEN = "xapp-1-A00000001-1-stranger";
const userToken = (name) => `xoxp-1-1-1-${name}`;

// Who is in both: their names stand before the @ of the sandbox's addresses.
const ANN = { name: "ann", real_name: "Ann Lee" };
const BOB = { name: "bob", real_name: "Bob Stone" };
const DANA = { name: "dana", real_name: "Dana Ruiz" };
const NOT_IN_SLACK = "nia@acme.example";
const address = (person) => `${person.name}@acme.example`;

const RICH =
  '<p>tag: <strong>bold</strong> <em>it</em> <code>x</code> <a href="https://acme.example/?a=1&amp;b=2">here</a></p><ul><li>one</li></ul>';

/** What lies between the hub and the emulator. */
class Wire {
  constructor(emulator) {
    this.emulator = emulator;
    this.calls = [];
    this.struck = [];
    this.absent = new Set();
  }

  async listen() {
    this.port = await freePort();
    this.socketPort = await freePort();
    this.sockets = new WebSocketServer({ host: "127.0.0.1", port: this.socketPort });
    this.sockets.on("connection", (socket) => {
      const info = { app_id: APP.app_id };
      socket.send(JSON.stringify({ type: "hello", num_connections: 1, connection_info: info }));
    });
    this.server = createServer((request, response) => this.pass(request, response));
    await new Promise((resolve) => this.server.listen(this.port, "127.0.0.1", resolve));
  }

  get api() {
    return `http://127.0.0.1:${this.port}/api/`;
  }

  async pass(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const form = Buffer.concat(chunks).toString();
    const method = request.url.replace("/api/", "");
    const fault = this.struck[0]?.method === method ? this.struck.shift().fault : undefined;
    if (fault === "throttle") {
      response.writeHead(429, { "retry-after": "1", "content-type": "application/json" });
      return response.end('{"ok":false,"error":"ratelimited"}');
    }
    const answer = await this.ask(method, request.headers.authorization, form);
    this.calls.push({ method, fields: Object.fromEntries(new URLSearchParams(form)), answer });
    if (fault === "cut") return request.socket.destroy();
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(answer));
  }

  async ask(method, authorization, form) {
    const headers = { authorization, "content-type": "application/x-www-form-urlencoded" };
    const init = { method: "POST", headers, body: form };
    const answer = await fetch(`${this.emulator.url}/api/${method}`, init);
    if (answer.status === 404) {
      this.absent.add(method);
      return this.instead(method, authorization, form);
    }
    const value = await answer.json();
    // docs.slack.dev/reference/objects/user-object. Without it nobody's address is trusted.
    for (const user of value.members ?? []) if (user.profile) user.is_email_confirmed ??= true;
    return value;
  }

  /** As Slack's pages describe the methods that the emulator lacks. */
  async instead(method, authorization, form) {
    if (method === "apps.connections.open") {
      return { ok: true, url: `ws://127.0.0.1:${this.socketPort}/link/?ticket=1&app_id=1` };
    }
    check(method === "users.conversations", `the emulator lacks ${method}`);
    const all = await this.ask("conversations.list", authorization, form);
    return { ...all, channels: all.channels?.filter((channel) => channel.is_member || channel.is_im) };
  }
}

let stage;
let wire;

/** The emulator's own Web API, as somebody. */
async function slack(who, method, fields = {}) {
  const token = who === APP ? BOT_TOKEN : userToken(who.name);
  const answer = await wire.ask(method, `Bearer ${token}`, new URLSearchParams(fields).toString());
  check(answer.ok, `${method} as ${who.name}: ${answer.error}`);
  return answer;
}

/** Everything that somebody finds in their conversations of these kinds. */
async function shown(who, types) {
  const { channels } = await slack(who, "conversations.list", { types });
  const found = [];
  for (const channel of channels) {
    const { messages } = await slack(who, "conversations.history", { channel: channel.id });
    found.push(...messages.map((message) => ({ ...message, channel })));
  }
  return found;
}

async function sees(who, types, text) {
  return until(`${who.name} sees ${text}`, async () => {
    const found = await shown(who, types);
    return found.find((message) => message.text.includes(text));
  });
}

async function teams(author, deed, to, text) {
  return stage.control.act(author, "teams", deed, to, text);
}

/** Somebody writes to Ann in Teams; it is read, edited and deleted in Slack. */
async function correspond(author, to, types, fits) {
  const tag = `from-${author.split("@")[0]}`;
  const id = await teams(author, "send", to, `${tag}-first`);
  const found = await sees(ANN, types, `${tag}-first`);
  check(found.metadata?.event_type === "causeway_relay", "no marker came through");
  fits(found);
  await teams(author, "send", to, RICH.replace("tag", `${tag}-rich`));
  const rich = await sees(ANN, types, `${tag}-rich`);
  check(rich.channel.id === found.channel.id, "another conversation");
  check(rich.blocks?.length > 0, "no blocks came through");
  await teams(author, "edit", { message: id }, `${tag}-second`);
  const edited = await sees(ANN, types, `${tag}-second`);
  check(edited.ts === found.ts && edited.edited, "it was not edited in its place");
  await teams(author, "delete", { message: id }, "");
  await until("it is deleted", async () => {
    const left = await shown(ANN, types);
    return !left.some((message) => message.ts === found.ts);
  });
  return found;
}

/** An answer that is lost, and one that says to wait: how often each stands there. */
async function faults(author, to, types) {
  const copies = [];
  for (const fault of ["cut", "throttle"]) {
    const text = `despite-${fault}-${author}`;
    wire.struck.push({ method: "chat.postMessage", fault });
    await teams(author, "send", to, text);
    await sees(ANN, types, text);
    check(wire.struck.length === 0, `${fault} struck nothing`);
    // What comes after it goes out once the outcome of the one before is known.
    await teams(author, "send", to, `after-${text}`);
    await sees(ANN, types, `after-${text}`);
    const all = await shown(ANN, types);
    copies.push(all.filter((message) => message.text === text).length);
  }
  return copies.join(" and ");
}

async function seed(hub) {
  const { manifest } = await hub.asked("slack-manifest");
  const { bot, user } = JSON.parse(manifest).oauth_config.scopes;
  const people = [ANN, BOB, DANA];
  return {
    team: { name: "Acme", domain: "acme" },
    users: people.map((person) => ({
      ...person,
      email: address(person),
      profile: { display_name: person.real_name },
    })),
    oauth_apps: [
      {
        ...APP,
        client_id: "1.1",
        client_secret: "stranger",
        name: "Causeway",
        bot_name: "causeway",
        redirect_uris: ["http://localhost/callback"],
        scopes: bot,
        user_scopes: user,
      },
    ],
    tokens: [
      { ...APP, token: BOT_TOKEN, type: "bot", user_id: APP.bot_user_id, scopes: bot },
      ...people.map(({ name }) => ({
        app_id: APP.app_id,
        token: userToken(name),
        type: "user",
        user: name,
        scopes: [...user, "groups:read", "groups:history"],
      })),
    ],
    // Calls without the scopes of the manifest are refused.
    strict_scopes: true,
  };
}

async function connect(hub) {
  const { entra } = stage.credentials;
  await hub.asked(
    ...["connect", "slack", "--api-url", wire.api, "--bot-token", BOT_TOKEN],
    ...["--app-token", APP_TOKEN, "--user-token", `${address(BOB)}=${userToken(BOB.name)}`],
  );
  const tokens = Object.entries(entra.refresh_tokens);
  await hub.asked(
    ...["connect", "teams", "--graph-url", stage.graph, "--login-url", stage.entra],
    ...["--tenant", entra.tenant, "--client-id", entra.client_id],
    ...["--client-secret", entra.client_secret, "--service-account", entra.service_account],
    ...["--service-account-refresh-token", entra.refresh_tokens[entra.service_account]],
    ...["--pace", "20", "--poll-ms", "300"],
    ...tokens
      .filter(([owner]) => owner !== entra.service_account)
      .flatMap(([owner, token]) => ["--refresh-token", `${owner}=${token}`]),
  );
  await hub.asked("people", "import");
  const pair = (who, from, to) =>
    hub.asked("people", "pair", who, "--primary", from, "--secondary", to);
  await pair(address(ANN), "slack", "teams");
  for (const who of [address(BOB), address(DANA), NOT_IN_SLACK]) await pair(who, "teams", "slack");
}

await main("vercel-labs/emulate", async () => {
  const hub = new Hub();
  const port = await freePort();
  const emulator = await createEmulator({ service: "slack", port, seed: { slack: await seed(hub) } });
  wire = new Wire(emulator);
  await wire.listen();
  stage = await sandbox("--speed", "20");
  await connect(hub);
  await hub.relay("--listen", "127.0.0.1:0");
  await hub.hears(2);

  const dm = { dm: address(ANN) };
  const { members } = await slack(ANN, "users.list");
  const id = (person) => members.find((member) => member.name === person.name).id;
  await correspond(address(BOB), dm, "im", (message) => {
    check(message.user === id(BOB) && message.channel.is_im, "Bob is not himself");
  });
  await correspond(address(DANA), dm, "mpim", (message) => {
    check(message.user === APP.bot_user_id, "the app does not speak for Dana");
    check(message.username?.startsWith(DANA.real_name), `she is called ${message.username}`);
  });
  await correspond(NOT_IN_SLACK, dm, "private_channel", (message) => {
    check(message.username?.startsWith("Nia Bello"), `she is called ${message.username}`);
  });
  const byApp = await faults(NOT_IN_SLACK, dm, "private_channel");
  check(byApp === "1 and 1", `of the app's posts stand there ${byApp}`);
  // The emulator does not say by which app a person's post was made: the account tells it.
  const byBob = await faults(address(BOB), dm, "im");
  check(byBob === "1 and 1", `of Bob's own posts stand there ${byBob}`);
  const [report] = await hub.asked("preflight", "--platform", "slack", "--all");
  check(report.ok, `preflight finds ${JSON.stringify(report.findings)}`);
  const refused = wire.calls.filter(({ answer }) => !answer.ok);
  for (const { method, answer } of refused) console.log(`  refused: ${method}: ${answer.error}`);
  for (const one of report.unknown) console.log(`  not found out: ${one.message}`);
  console.log(`  absent: ${[...wire.absent].join(", ")}`);
  await hub.forget();
  await emulator.close();
  return `${wire.calls.length} calls; what was written in Teams stands there`;
});
