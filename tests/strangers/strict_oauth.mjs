// The hub signs in at a strict OAuth server, and goes on for many lifetimes of its tokens. Entra is
// milder: there a refresh token stays good after it was used. Where the hub gets by here, it gets by
// there. Needs oidc-provider, which scripts/strangers.sh fetches.

import { Hub, check, freePort, main, sandbox, until } from "./hub.mjs";
import { DEVICE, Entra, Graph } from "./strict_entra.mjs";

const ANN = "ann@acme.example";
const BOB = "bob@acme.example";
// Have to be asked: one follows a link, the other types a code.
const BY_LINK = "eli@acme.example";
const BY_CODE = "fay@acme.example";

// Lives of access tokens in seconds. The hub renews five minutes ahead: with the first at every use,
// with the second every few seconds.
const SHORT = 2;
const A_LITTLE_LONGER = 303;

/** Follows a link as somebody, through the hub's page and the sign-in, to the page at the end. */
async function follow(link, person) {
  const jar = new Map();
  let visit = { url: new URL(link), method: "GET" };
  for (let pages = 0; pages < 15; pages += 1) {
    const headers = { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; ") };
    if (visit.url.pathname.startsWith("/interaction/")) headers["x-person"] = person;
    const { method } = visit;
    const answer = await fetch(visit.url, { method, headers, body: visit.body, redirect: "manual" });
    for (const cookie of answer.headers.getSetCookie()) {
      const [name, ...value] = cookie.split(";")[0].split("=");
      jar.set(name, value.join("="));
    }
    const place = answer.headers.get("location");
    const text = await answer.text();
    const form = /<form[^>]*action="([^"]+)"[^>]*>/.exec(text);
    if (place) visit = { url: new URL(place, visit.url), method: "GET" };
    else if (form) visit = { url: new URL(form[1], visit.url), method: "POST", body: new URLSearchParams() };
    else return text;
  }
  throw new Error("the pages do not end");
}

let stage;
let words = 0;
const word = () => `strict${(words += 1)}x`;

async function crosses(from, on, other, there) {
  const text = word();
  await stage.control.act(from, on, "send", { dm: other }, text);
  await stage.control.sees(other, there, text);
}

/** What the hub's app has written to somebody in Slack, newest first. */
async function told(who) {
  const places = await stage.control.view(who, "slack");
  const app = places.filter((place) => place.kind === "app");
  return app.flatMap((place) => place.messages).reverse();
}

async function connect(hub, entra, graph, id) {
  const { service_account } = stage.credentials.entra;
  const { bot_token, app_token, user_tokens } = stage.credentials.slack;
  await hub.asked(
    ...["connect", "slack", "--api-url", stage.slack, "--bot-token", bot_token],
    ...["--app-token", app_token, "--pace", "20"],
    ...Object.entries(user_tokens).flatMap(([who, token]) => ["--user-token", `${who}=${token}`]),
  );
  const people = [ANN, BOB].map(async (who) => `${who}=${await entra.refreshToken(id(who))}`);
  await hub.asked(
    ...["connect", "teams", "--graph-url", graph.url, "--login-url", entra.url],
    ...["--tenant", entra.tenant, "--client-id", entra.app.id],
    ...["--client-secret", entra.app.secret, "--service-account", service_account],
    ...["--service-account-refresh-token", await entra.refreshToken(id(service_account))],
    ...(await Promise.all(people)).flatMap((token) => ["--refresh-token", token]),
    ...["--pace", "20", "--poll-ms", "400"],
  );
  await hub.asked("people", "import");
  for (const who of [ANN, BY_LINK, BY_CODE]) {
    await hub.asked("people", "pair", who, "--primary", "slack", "--secondary", "teams");
  }
  await hub.asked("people", "pair", BOB, "--primary", "teams", "--secondary", "slack");
}

/** Many at once, again and again, while people write. */
async function load(hub, rounds) {
  for (let round = 0; round < rounds; round += 1) {
    await Promise.all([
      hub.asked("people", "import"),
      hub.asked("people", "import"),
      hub.run("preflight"),
      hub.asked("status"),
      crosses(ANN, "slack", BOB, "teams"),
      crosses(BOB, "teams", ANN, "slack"),
    ]);
  }
}

/** Stopped and started again in the midst of it. */
async function restarts(hub, args, times) {
  for (let time = 0; time < times; time += 1) {
    const busy = Promise.all([hub.run("people", "import"), hub.run("preflight")]);
    await hub.stop();
    await busy;
    await hub.relay(...args);
    await hub.hears(2);
  }
}

/** Somebody is asked by a link, and follows it to the strict server and back. */
async function byLink(id) {
  const text = word();
  await stage.control.act(BY_LINK, "slack", "send", { dm: BOB }, text);
  const link = await until("the link", async () =>
    (await told(BY_LINK)).flatMap((message) => message.links ?? [])[0],
  );
  await follow(link.url, id(BY_LINK));
  await stage.control.sees(BOB, "teams", text, (message) => message.author === BY_LINK);
}

/** Somebody is asked by a code, and types it. */
async function byCode(entra, id) {
  const text = word();
  await stage.control.act(BY_CODE, "slack", "send", { dm: BOB }, text);
  const prompt = await until("the prompt", async () =>
    (await told(BY_CODE)).find((message) => message.buttons?.length > 0),
  );
  const to = { message: prompt.id };
  await stage.control.act(BY_CODE, "slack", "press", to, prompt.buttons[0]);
  const code = await until("the code", async () => {
    const texts = (await told(BY_CODE)).map((message) => message.text);
    return texts.map((one) => /\b[A-Z]{4}-[A-Z]{4}\b/.exec(one)?.[0]).find(Boolean);
  });
  await entra.typed(code, id(BY_CODE));
  await stage.control.sees(BOB, "teams", text, (message) => message.author === BY_CODE);
}

/** Another folder, whose app proves itself by a certificate in place of the secret. */
async function withCertificate(hub, entra, graph, id) {
  const { service_account } = stage.credentials.entra;
  const client = `${entra.app.id}-certificate`;
  await hub.asked(
    ...["connect", "teams", "--graph-url", graph.url, "--login-url", entra.url, "--certificate"],
    ...["--tenant", entra.tenant, "--client-id", client, "--service-account", service_account],
    ...["--service-account-refresh-token", await entra.refreshToken(id(service_account), client)],
  );
  for (let round = 0; round < 5; round += 1) await hub.asked("people", "import");
  await hub.run("preflight");
}

function judge({ seen }, graph) {
  for (const [line, times] of Object.entries(seen.refused)) console.log(`  refused ${times}: ${line}`);
  for (const fault of new Set(seen.faults)) console.log(`  fault: ${fault}`);
  console.log(`  Graph let in ${graph.letIn}, turned away ${graph.turnedAway}`);
  check(seen.faults.length === 0, "the server has something to say against the hub");
  const lost = Object.keys(seen.refused).filter((line) => line.startsWith("refresh_token"));
  check(lost.length === 0, `refresh tokens were refused: ${lost}`);
  check(seen.pkce === seen.grants.authorize + seen.grants.authorization_code, "PKCE was left out");
  check(seen.grants[DEVICE] > 0, "nobody signed in by a code");
}

await main("oidc-provider", async () => {
  stage = await sandbox("--speed", "20");
  const [hub, other] = [new Hub(), new Hub()];
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const { pem } = await other.asked("certificate");
  const entra = new Entra(stage, `${address}/hooks/consent/callback`, pem);
  await entra.listen();
  const graph = new Graph(stage, entra);
  await graph.listen();
  const id = (email) => graph.id(email);

  entra.life = SHORT;
  await connect(hub, entra, graph, id);
  await hub.relay("--listen", `127.0.0.1:${port}`, "--public-url", address);
  await hub.hears(2);
  await byLink(id);
  await load(hub, 8);
  await hub.stop();
  const polled = ["--listen", "127.0.0.1:0"];
  await hub.relay(...polled);
  await hub.hears(2);
  await byCode(entra, id);
  entra.life = A_LITTLE_LONGER;
  await load(hub, 8);
  await restarts(hub, polled, 4);
  await load(hub, 1);
  await withCertificate(other, entra, graph, id);
  judge(entra, graph);
  await hub.forget();
  await other.forget();
  const { refresh_token, client_credentials } = entra.seen.grants;
  return `${words} messages, ${refresh_token} renewals and ${client_credentials} tokens of the app`;
});
