// Records every call between a hub and platforms of which two are Webex and Zoom: the story in which
// people of all four write to people of each other while posts fail and the hub is killed
// (`causeway demo --story matrix`), and what that leaves out: connecting, consent, guests made and
// removed, a gap that is read back, preflight, disconnecting.
// Usage: node tests/strangers/record_matrix.mjs SEED RECORD.jsonl

import { existsSync, readFileSync } from "node:fs";

import { Hub, check, freePort, main, sandbox, until } from "./hub.mjs";
import { Talk, said, word } from "./talk.mjs";

const PLATFORMS = ["slack", "teams", "webex", "zoom"];
// That of a story whose messages did not all arrive as they should.
const NOT_AS_IT_SHOULD = 5;
const SPEED = "20";
const POLL_MS = 500;
const GAP_MS = 15 * 60_000;

// Who works in the one, and how they are represented in the other, in the sandbox's Acme.
const WEBEX = { own: "wanda@acme.example", app: "hugo@acme.example", guest: "lena@lattice.example" };
const ZOOM = { own: "zara@acme.example", app: "olof@acme.example", asked: "jonas@acme.example" };

const RICH_WEBEX = "**bold** *it* `code` [link](https://acme.example/a?b=1&c)\n\n- one\n- two";
const RICH_ZOOM = "bold, and a link https://acme.example/ \u{1f389}";

function lines(record) {
  return existsSync(record) ? readFileSync(record, "utf8").trim().split("\n") : [];
}

/** The demo's own sandbox is told by a setting. */
async function story(seed, record) {
  const before = lines(record).length;
  const hub = new Hub();
  hub.env.CAUSEWAY_RECORD = record;
  const { code, stdout, stderr } = await hub.run("demo", "--story", "matrix", "--seed", seed);
  await hub.forget();
  check(code === 0 || code === NOT_AS_IT_SHOULD, `the demo ended with ${code}: ${stdout}${stderr}`);
  const calls = lines(record).slice(before).map((line) => JSON.parse(line));
  for (const platform of PLATFORMS) {
    const count = calls.filter((call) => call.platform === platform).length;
    check(count > 0, `no call to ${platform} is in ${record}`);
  }
  return code;
}

/** Secrets may begin with a dash, and are no flags. */
const flags = (named) => Object.entries(named).map(([name, value]) => `--${name}=${value}`);

async function connectWebex(hub, stage) {
  const secrets = stage.credentials.webex;
  const named = {
    "api-url": stage.webex,
    pace: SPEED,
    "poll-ms": POLL_MS,
    "client-id": secrets.client_id,
    "client-secret": secrets.client_secret,
    "bot-token": secrets.bot_token,
    "administrator-refresh-token": secrets.administrator_refresh_token,
    "guest-client-id": secrets.guest_issuer.client_id,
    "guest-client-secret": secrets.guest_issuer.client_secret,
    "guest-refresh-token": secrets.guest_issuer.refresh_token,
  };
  const people = Object.entries(secrets.refresh_tokens);
  const theirs = people.map(([address, token]) => `--refresh-token=${address}=${token}`);
  await hub.asked("connect", "webex", ...flags(named), ...theirs);
}

async function connectZoom(hub, stage) {
  const secrets = stage.credentials.zoom;
  const named = {
    "api-url": stage.zoom,
    "oauth-url": secrets.oauth,
    "socket-url": secrets.socket,
    pace: SPEED,
    "account-id": secrets.account_id,
    "client-id": secrets.server_to_server.client_id,
    "client-secret": secrets.server_to_server.client_secret,
    "subscription-id": secrets.subscription_id,
    "service-user": secrets.service_user,
    "chatbot-client-id": secrets.chatbot.client_id,
    "chatbot-client-secret": secrets.chatbot.client_secret,
    "chatbot-jid": secrets.chatbot.robot_jid,
  };
  await hub.asked("connect", "zoom", ...flags(named));
}

async function pair(hub, who, primary, secondary, mode) {
  const ways = ["--primary", primary, "--secondary", secondary, "--mode", mode];
  await hub.asked("people", "pair", who, ...ways);
}

async function begun(seed, record) {
  const stage = await sandbox("--speed", SPEED, "--seed", seed, "--record", record);
  const hub = new Hub();
  await connectWebex(hub, stage);
  await connectZoom(hub, stage);
  await hub.asked("people", "import");
  await pair(hub, WEBEX.own, "webex", "zoom", "full");
  await pair(hub, WEBEX.app, "webex", "zoom", "app");
  await pair(hub, WEBEX.guest, "webex", "zoom", "guest");
  await pair(hub, ZOOM.own, "zoom", "webex", "full");
  await pair(hub, ZOOM.app, "zoom", "webex", "app");
  await pair(hub, ZOOM.asked, "zoom", "webex", "full");
  const port = await freePort();
  const told = ["--listen", `127.0.0.1:${port}`, "--public-url", `http://127.0.0.1:${port}`];
  await hub.relay(...told);
  await hub.hears(2);
  return { stage, hub, told };
}

async function allLegs(talk) {
  for (const one of [WEBEX.own, WEBEX.app]) {
    for (const other of [ZOOM.own, ZOOM.app]) {
      await talk.says(one, "webex", other, "zoom", RICH_WEBEX);
      await talk.says(other, "zoom", one, "webex", RICH_ZOOM);
    }
  }
}

/** Somebody who has an account in Webex is asked at the first message that it would speak. */
async function consent({ control }, talk) {
  const text = word();
  const to = await talk.place(ZOOM.asked, "zoom", WEBEX.own);
  await control.act(ZOOM.asked, "zoom", "send", to, text);
  await until(`${ZOOM.asked} answers`, async () => {
    const given = control.call("/consent", { as: ZOOM.asked, answer: "grant" });
    return given.then((answered) => answered.answered, () => false);
  });
  await control.sees(WEBEX.own, "webex", text);
}

async function guest(hub, talk) {
  await until("the guest is there", async () => {
    const { people } = await hub.asked("people", "list", WEBEX.guest);
    return people.some((one) => one.pairings.some((pairing) => pairing.guest === "redeemed"));
  });
  await talk.says(WEBEX.guest, "webex", ZOOM.own, "zoom");
  await talk.says(ZOOM.own, "zoom", WEBEX.guest, "webex");
  await hub.asked("people", "unpair", WEBEX.guest, "--remove-guest");
}

/** What is written, changed and deleted while nobody hears is read back. */
async function gap({ hub, stage: { control }, told }, talk) {
  const ways = [
    [WEBEX.own, "webex", ZOOM.own, "zoom"],
    [ZOOM.own, "zoom", WEBEX.own, "webex"],
  ];
  const written = [];
  for (const [author, on, other, there] of ways) {
    const [edited, gone] = [word(), word()];
    const to = await talk.place(author, on, other);
    const ids = [];
    for (const text of [edited, gone]) {
      ids.push(await control.act(author, on, "send", to, text));
      await control.sees(other, there, text);
    }
    written.push({ author, on, other, there, to, ids, gone });
  }
  await hub.stop("SIGKILL");
  for (const one of written) {
    one.missed = [word(), word()];
    const act = (deed, to, text) => control.act(one.author, one.on, deed, to, text);
    await act("send", one.to, one.missed[0]);
    await act("edit", { message: one.ids[0] }, one.missed[1]);
    await act("delete", { message: one.ids[1] });
  }
  await control.call("/clock", { advance_ms: GAP_MS });
  await hub.relay(...told);
  await hub.hears(2);
  for (const { other, there, missed, gone } of written) {
    for (const text of missed) await control.sees(other, there, text);
    await talk.isGone(other, there, gone);
  }
}

/** Webex and Zoom alone, where each call can be waited for. */
async function between(seed, record) {
  const met = await begun(seed, record);
  const { hub, stage } = met;
  const talk = new Talk(stage.control);
  await allLegs(talk);
  await consent(stage, talk);
  await guest(hub, talk);
  await gap(met, talk);
  await hub.run("preflight", "--all");
  await hub.asked("disconnect", "--platform", "webex", "--yes");
  await hub.asked("disconnect", "--platform", "zoom", "--yes");
  await hub.forget();
  await stage.stop();
}

await main("all platforms are recorded", async () => {
  const [seed, record] = process.argv.slice(2);
  check(seed && record, "usage: record_matrix.mjs SEED RECORD.jsonl");
  const code = await story(seed, record);
  await between(seed, record);
  return `the story ended with ${code}, and ${said()} messages more, in ${record}`;
});
