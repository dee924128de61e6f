// Holds the sandbox's Entra against Microsoft's own library for signing in, @azure/msal-node. It
// speaks to HTTPS alone: a proxy with a certificate of its own stands before the sandbox, and
// NODE_EXTRA_CA_CERTS names that certificate.
//
// Reads the sandbox's description on stdin. Usage: node msal_client.mjs KEY.pem CERTIFICATE.pem

import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { createInterface } from "node:readline";

import {
  AuthError,
  ConfidentialClientApplication,
  CryptoProvider,
  PublicClientApplication,
  ServerError,
} from "@azure/msal-node";

const ANN = "ann@acme.example";
const NEVER_ASKED = "ada@acme.example";
const GRAPH = "https://graph.microsoft.com";
const SCOPES = ["User.Read", "Chat.ReadWrite"];
// Registered for web applications, which have to send their secret, and for native ones, which must not.
const WEB = "https://hub.acme.example/hooks/consent/callback";
const NATIVE = "http://localhost/callback";

let sandbox;
let authority;

function check(condition, what) {
  if (!condition) throw new Error(what);
}

async function readDescription() {
  for await (const line of createInterface({ input: process.stdin })) return JSON.parse(line);
  throw new Error("there is no description on stdin");
}

async function control(path, body) {
  const answer = await fetch(sandbox.control + path, { method: "POST", body: JSON.stringify(body) });
  check(answer.ok, `${path}: ${await answer.text()}`);
}

/** HTTPS before the sandbox's Entra; its own addresses in the answers become the proxy's. */
async function proxy(key, cert) {
  const server = createServer({ key, cert }, async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const sent = Buffer.concat(chunks).toString();
    const answer = await fetch(sandbox.entra + request.url, {
      method: request.method,
      headers: { "content-type": request.headers["content-type"] ?? "" },
      body: request.method === "GET" ? undefined : sent,
      redirect: "manual",
    });
    const headers = { "content-type": answer.headers.get("content-type") ?? "text/plain" };
    if (answer.headers.has("location")) headers.location = answer.headers.get("location");
    response.writeHead(answer.status, headers);
    response.end((await answer.text()).replaceAll(sandbox.entra, address()));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = () => `https://localhost:${server.address().port}`;
  return address();
}

function options(secret) {
  const { client_id, client_secret } = sandbox.credentials.entra;
  const knownAuthorities = [new URL(authority).host];
  const auth = { clientId: client_id, authority, knownAuthorities };
  return { auth: secret ? { ...auth, clientSecret: secret === true ? client_secret : secret } : auth };
}

/** What Graph says of the owner of a token. */
async function graph(path, token) {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(sandbox.graph + path, { headers });
  check(answer.ok, `${path} answered ${answer.status}`);
  return answer.json();
}

async function refused(promise, kind, fits) {
  const failure = await promise.then(
    () => undefined,
    (error) => error,
  );
  check(failure instanceof kind, `it should be a ${kind.name}, and is ${failure}`);
  check(fits(failure), `${failure.errorCode}: ${failure.errorMessage} ${failure.errorNo}`);
}

async function asApp() {
  const app = new ConfidentialClientApplication(options(true));
  const request = { scopes: [`${GRAPH}/.default`] };
  const first = await app.acquireTokenByClientCredential(request);
  check(first.tokenType === "Bearer" && !first.fromCache, "no token of the app");
  check(first.expiresOn - Date.now() > 3_000_000, "it ends too soon");
  check((await graph("/users", first.accessToken)).value.length > 0, "nobody is there");
  const again = await app.acquireTokenByClientCredential(request);
  check(again.fromCache, "the token was not kept");
  const wrong = new ConfidentialClientApplication(options("wrong"));
  await refused(wrong.acquireTokenByClientCredential(request), ServerError, (failure) =>
    failure.errorMessage.includes("AADSTS7000215"),
  );
}

/** Opens the address as a browser that accepts, and is sent back with a code. */
async function browse(url, person) {
  const page = new URL(url);
  page.searchParams.set("login_hint", person);
  page.searchParams.set("accept", "1");
  const answer = await fetch(page, { redirect: "manual" });
  check(answer.status === 303 || answer.status === 302, `the page answered ${answer.status}`);
  return Object.fromEntries(new URL(answer.headers.get("location")).searchParams);
}

async function byCode(client, redirectUri) {
  const crypto = new CryptoProvider();
  const { verifier, challenge } = await crypto.generatePkceCodes();
  const nonce = crypto.createNewGuid();
  const request = { scopes: SCOPES, redirectUri };
  const url = await client.getAuthCodeUrl({
    ...request,
    codeChallenge: challenge,
    codeChallengeMethod: "S256",
    prompt: "select_account",
    state: "the-state",
    nonce,
  });
  const back = await browse(url, ANN);
  check(back.state === "the-state", "another state");
  const wrong = { ...request, code: back.code, codeVerifier: verifier.replace(/^./, "~") };
  await refused(client.acquireTokenByCode(wrong), ServerError, (failure) =>
    /invalid_grant/.test(failure.errorCode),
  );
  const second = await browse(url, ANN);
  const proof = { code: second.code, codeVerifier: verifier, state: "the-state", nonce };
  const given = await client.acquireTokenByCode({ ...request, ...proof }, second);
  check(given.account?.username === ANN, `the account is ${given.account?.username}`);
  check(given.tenantId === sandbox.credentials.entra.tenant, "another tenant");
  check(given.idTokenClaims.nonce === nonce, "another nonce");
  check(given.uniqueId === given.idTokenClaims.oid, "another object id");
  check(given.account.homeAccountId, "no home account");
  check((await graph("/me", given.accessToken)).mail === ANN, "the token is somebody else's");
  const silent = { account: given.account, scopes: SCOPES };
  check((await client.acquireTokenSilent(silent)).fromCache, "the token was not kept");
  const renewed = await client.acquireTokenSilent({ ...silent, forceRefresh: true });
  check(!renewed.fromCache && renewed.accessToken !== given.accessToken, "nothing was renewed");
  check(renewed.account.homeAccountId === given.account.homeAccountId, "another account");
}

/** A secret does not go with a code that came back to a native application. */
async function byCodeToTheWrongPlace() {
  const client = new ConfidentialClientApplication(options(true));
  const request = { scopes: SCOPES, redirectUri: NATIVE };
  const { code } = await browse(await client.getAuthCodeUrl(request), ANN);
  await refused(client.acquireTokenByCode({ ...request, code }), ServerError, (failure) =>
    failure.errorMessage.includes("AADSTS700025"),
  );
}

async function byDevice() {
  const client = new PublicClientApplication(options());
  const given = await client.acquireTokenByDeviceCode({
    scopes: SCOPES,
    deviceCodeCallback: ({ userCode: user_code }) =>
      control("/device", { user_code, signed_in_as: NEVER_ASKED, answer: "grant" }),
  });
  check(given.account?.username === NEVER_ASKED, `the account is ${given.account?.username}`);
  check((await graph("/me", given.accessToken)).mail === NEVER_ASKED, "somebody else's token");
  const declined = client.acquireTokenByDeviceCode({
    scopes: SCOPES,
    deviceCodeCallback: ({ userCode: user_code }) =>
      control("/device", { user_code, signed_in_as: ANN, answer: "decline" }),
  });
  await refused(declined, AuthError, (failure) => failure.message.includes("authorization_declined"));
}

async function byRefresh() {
  const client = new ConfidentialClientApplication(options(true));
  const refreshToken = sandbox.credentials.entra.refresh_tokens[ANN];
  const given = await client.acquireTokenByRefreshToken({ refreshToken, scopes: SCOPES });
  check((await graph("/me", given.accessToken)).mail === ANN, "somebody else's token");
  const wrong = client.acquireTokenByRefreshToken({ refreshToken: "1.wrong", scopes: SCOPES });
  await refused(wrong, ServerError, (failure) => failure.errorCode === "invalid_grant");
}

try {
  const [key, certificate] = process.argv.slice(2).map((path) => readFileSync(path));
  sandbox = await readDescription();
  authority = `${await proxy(key, certificate)}/${sandbox.credentials.entra.tenant}`;
  await asApp();
  await byCode(new ConfidentialClientApplication(options(true)), WEB);
  await byCode(new PublicClientApplication(options()), NATIVE);
  await byCodeToTheWrongPlace();
  await byDevice();
  await byRefresh();
  console.log("@azure/msal-node finds everything as it should be");
  process.exit(0);
} catch (failure) {
  console.error(`msal: ${failure.stack}`);
  process.exit(1);
}
