// A strict OAuth server (oidc-provider) with Entra's paths: PKCE is required, refresh tokens are good
// once, and using one twice ends everything that came of the sign-in. Access tokens last seconds.
// Behind it stands the sandbox's Graph, which a gateway lets in only who has a live token by
// introspection (RFC 7662).

import { X509Certificate } from "node:crypto";
import { createServer } from "node:http";

import Provider, { interactionPolicy } from "oidc-provider";

import { check, freePort } from "./hub.mjs";

const GRAPH = "https://graph.microsoft.com";
const SCOPES = ["openid", "profile", "offline_access", "User.Read", "Chat.ReadWrite", ".default"];
export const DEVICE = "urn:ietf:params:oauth:grant-type:device_code";
const ASSERTION = ["client_assertion_type", "client_assertion"];
const GATEWAY = { id: "graph", secret: "of-the-gateway" };

// What each request may hold, by Entra's pages: /v2-oauth2-auth-code-flow, /v2-oauth2-device-code,
// /v2-oauth2-client-creds-grant-flow.
const APP = ["client_id", "client_secret", ...ASSERTION];
const KNOWN = {
  authorize: [
    ...["client_id", "response_type", "redirect_uri", "scope", "state", "prompt"],
    ...["code_challenge", "code_challenge_method", "login_hint", "nonce", "response_mode"],
  ],
  devicecode: [...APP, "scope"],
  authorization_code: [...APP, "grant_type", "scope", "code", "redirect_uri", "code_verifier"],
  refresh_token: [...APP, "grant_type", "scope", "refresh_token"],
  client_credentials: [...APP, "grant_type", "scope"],
  [DEVICE]: [...APP, "grant_type", "device_code"],
};

/** Listens on loopback. */
function serve(port, handle) {
  const server = createServer((request, response) => {
    Promise.resolve(handle(request, response)).catch((failure) => {
      console.error(failure);
      response.writeHead(500).end();
    });
  });
  return new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve(server)));
}

async function body(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The strict server, with what it saw. */
export class Entra {
  constructor(stage, callback, certificate) {
    this.stage = stage;
    const { tenant, client_id, client_secret } = stage.credentials.entra;
    this.tenant = tenant;
    this.app = { id: client_id, secret: client_secret };
    this.life = 2;
    this.seen = { grants: {}, faults: [], pkce: 0, refused: {} };
    this.callback = callback;
    this.certificate = certificate;
  }

  async listen() {
    this.port = await freePort();
    this.url = `http://127.0.0.1:${this.port}`;
    this.provider = this.made();
    const own = this.provider.callback();
    await serve(this.port, (request, response) => {
      if (request.url.startsWith("/interaction/")) return this.signIn(request, response);
      // Graph signs what it tells with keys of the sandbox's.
      if (request.url.endsWith("/discovery/v2.0/keys")) return this.keys(request, response);
      return own(request, response);
    });
  }

  made() {
    const path = (name) => `/${this.tenant}/oauth2/v2.0/${name}`;
    const life = () => this.life;
    const policy = interactionPolicy.base();
    policy.add(new interactionPolicy.Prompt({ name: "select_account", requestable: true }), 0);
    const provider = new Provider(this.url, {
      clients: this.clients(),
      scopes: SCOPES.map((scope) => (/^[a-z_]+$/.test(scope) ? scope : `${GRAPH}/${scope}`)),
      claims: { openid: ["sub", "oid", "tid"] },
      conformIdTokenClaims: false,
      routes: {
        authorization: path("authorize"),
        token: path("token"),
        device_authorization: path("devicecode"),
        code_verification: "/device",
        introspection: "/introspect",
      },
      features: {
        devInteractions: { enabled: false },
        clientCredentials: { enabled: true },
        deviceFlow: { enabled: true },
        introspection: { enabled: true, allowedPolicy: () => true },
      },
      enabledJWA: { clientAuthSigningAlgValues: ["PS256"] },
      interactions: { policy, url: (_, interaction) => `/interaction/${interaction.uid}` },
      pkce: { required: () => true },
      rotateRefreshToken: true,
      issueRefreshToken: (_, client) => client.grantTypeAllowed("refresh_token"),
      ttl: {
        AccessToken: life,
        ClientCredentials: life,
        RefreshToken: 3600,
        Grant: 3600,
        Session: 3600,
        Interaction: 600,
        IdToken: 600,
        AuthorizationCode: 60,
        DeviceCode: 600,
      },
      findAccount: (_, sub) => ({
        accountId: sub,
        claims: () => ({ sub, oid: sub, tid: this.tenant }),
      }),
      renderError: (context, out) => {
        context.type = "json";
        context.body = out;
      },
      cookies: { keys: ["stranger"] },
    });
    provider.use((context, next) => this.watch(context, next));
    provider.on("server_error", (_, failure) => this.seen.faults.push(failure.stack));
    return provider;
  }

  clients() {
    const grants = ["authorization_code", "refresh_token", "client_credentials", DEVICE];
    const app = {
      application_type: "native",
      redirect_uris: [this.callback],
      response_types: ["code"],
      grant_types: grants,
    };
    const { publicKey } = new X509Certificate(this.certificate);
    const jwk = { ...publicKey.export({ format: "jwk" }), use: "sig", alg: "PS256" };
    return [
      {
        ...app,
        client_id: this.app.id,
        client_secret: this.app.secret,
        token_endpoint_auth_method: "client_secret_post",
      },
      {
        ...app,
        client_id: `${this.app.id}-certificate`,
        token_endpoint_auth_method: "private_key_jwt",
        token_endpoint_auth_signing_alg: "PS256",
        jwks: { keys: [jwk] },
      },
      {
        client_id: GATEWAY.id,
        client_secret: GATEWAY.secret,
        redirect_uris: [],
        response_types: [],
        grant_types: [],
      },
    ];
  }

  /** Notes what came, and gives refusals the numbers that Entra's have. */
  async watch(context, next) {
    await next();
    const name = context.path.split("/").pop();
    const sent = name === "authorize" ? context.query : context.oidc?.body;
    if (!["authorize", "devicecode", "token"].includes(name) || !sent) return;
    const kind = name === "token" ? sent.grant_type : name;
    this.seen.grants[kind] = (this.seen.grants[kind] ?? 0) + 1;
    for (const field of Object.keys(sent)) {
      if (!KNOWN[kind]?.includes(field)) this.seen.faults.push(`${kind} has ${field}`);
    }
    this.seen.pkce += sent.code_challenge_method === "S256" || sent.code_verifier ? 1 : 0;
    this.refused(context, kind, sent);
  }

  refused(context, kind, sent) {
    const error = context.body?.error;
    if (!error || error === "authorization_pending") return;
    const line = `${kind}: ${error}: ${context.body.error_description ?? ""}`;
    this.seen.refused[line] = (this.seen.refused[line] ?? 0) + 1;
    const proved = sent.client_secret ?? sent.client_assertion;
    if (error === "invalid_client" && !proved) {
      const words = "AADSTS7000218: The request body must contain a secret or an assertion.";
      context.body.error_description = words;
    }
  }

  /** The page on which somebody signs in and consents: who, says their browser. */
  async signIn(request, response) {
    const { params } = await this.provider.interactionDetails(request, response);
    const accountId = request.headers["x-person"];
    const grantId = await this.grant(accountId, params);
    const result = { login: { accountId }, consent: { grantId }, select_account: {} };
    return this.provider.interactionFinished(request, response, result);
  }

  async grant(accountId, { client_id, scope }) {
    const grant = new this.provider.Grant({ accountId, clientId: client_id });
    grant.addOIDCScope(scope);
    return grant.save();
  }

  /** Somebody types a code on the device page. */
  async typed(userCode, accountId) {
    const code = await this.provider.DeviceCode.findByUserCode(userCode.replaceAll("-", ""));
    check(code, "there is no such code");
    code.accountId = accountId;
    code.grantId = await this.grant(accountId, { client_id: code.clientId, scope: code.params.scope });
    code.scope = code.params.scope;
    code.claims = {};
    await code.save();
  }

  async keys(request, response) {
    const answer = await fetch(this.stage.entra + request.url);
    response.writeHead(answer.status, { "content-type": "application/json" });
    response.end(await answer.text());
  }

  /** The refresh token of somebody who has signed in to a client before. */
  async refreshToken(accountId, clientId = this.app.id) {
    const permissions = `${GRAPH}/User.Read ${GRAPH}/Chat.ReadWrite`;
    const scope = `openid profile offline_access ${permissions}`;
    const grantId = await this.grant(accountId, { client_id: clientId, scope });
    const client = await this.provider.Client.find(clientId);
    const made = { accountId, client, grantId, scope, claims: {}, gty: "device_code" };
    return new this.provider.RefreshToken(made).save();
  }

  async introspected(token) {
    const basic = Buffer.from(`${GATEWAY.id}:${GATEWAY.secret}`).toString("base64");
    const answer = await fetch(`${this.url}/introspect`, {
      method: "POST",
      headers: { authorization: `Basic ${basic}` },
      body: new URLSearchParams({ token }),
    });
    return answer.json();
  }
}

/** The sandbox's Graph, for whoever has a live token of the strict server's. */
export class Graph {
  constructor(stage, entra) {
    Object.assign(this, { stage, entra, tokens: new Map(), letIn: 0, turnedAway: 0 });
  }

  async listen() {
    this.port = await freePort();
    this.url = `http://127.0.0.1:${this.port}/v1.0`;
    await serve(this.port, (request, response) => this.pass(request, response));
    const headers = { authorization: `Bearer ${await sandboxToken(this.stage, this.tokens)}` };
    const query = "$top=999&$select=id,userPrincipalName";
    const { value } = await (await fetch(`${this.stage.graph}/users?${query}`, { headers })).json();
    this.people = new Map(value.map((user) => [user.id, user.userPrincipalName]));
  }

  id(email) {
    const found = [...this.people].find(([, name]) => name === email);
    check(found, `the sandbox does not know ${email}`);
    return found[0];
  }

  async pass(request, response) {
    const sent = await body(request);
    const token = request.headers.authorization?.replace(/^Bearer /, "") ?? "";
    const { active, sub } = await this.entra.introspected(token);
    if (!active) {
      this.turnedAway += 1;
      const error = { code: "InvalidAuthenticationToken", message: "The token is not live." };
      response.writeHead(401, { "content-type": "application/json" });
      return response.end(JSON.stringify({ error }));
    }
    this.letIn += 1;
    const answer = await fetch(this.stage.graph + request.url.replace("/v1.0", ""), {
      method: request.method,
      headers: this.headers(request, await sandboxToken(this.stage, this.tokens, this.people.get(sub))),
      body: sent.length > 0 ? sent.toString().replaceAll(this.url, this.stage.graph) : undefined,
    });
    const headers = Object.fromEntries(
      ["content-type", "date", "retry-after"].flatMap((name) =>
        answer.headers.has(name) ? [[name, answer.headers.get(name)]] : [],
      ),
    );
    response.writeHead(answer.status, headers);
    response.end((await answer.text()).replaceAll(this.stage.graph, this.url));
  }

  headers(request, token) {
    const kept = ["content-type", "prefer", "consistencylevel"];
    const own = kept.flatMap((name) => (request.headers[name] ? [[name, request.headers[name]]] : []));
    return { ...Object.fromEntries(own), authorization: `Bearer ${token}` };
  }
}

/** A token of the sandbox's own Entra, as somebody or as the app. */
async function sandboxToken(stage, held, email = "") {
  if (!held.has(email)) {
    held.set(email, fetchSandboxToken(stage, email));
    setTimeout(() => held.delete(email), 30_000).unref();
  }
  return held.get(email);
}

async function fetchSandboxToken(stage, email) {
  const { tenant, client_id, client_secret, refresh_tokens } = stage.credentials.entra;
  const base = `${stage.entra}/${tenant}/oauth2/v2.0`;
  // What was signed in natively, as `http://localhost` is, goes without the secret.
  const app = email && !refresh_tokens[email] ? { client_id } : { client_id, client_secret };
  const redirect_uri = "http://localhost/callback";
  let grant = { grant_type: "client_credentials", scope: `${GRAPH}/.default` };
  if (refresh_tokens[email]) {
    grant = { grant_type: "refresh_token", refresh_token: refresh_tokens[email] };
  } else if (email) {
    const scope = `openid ${GRAPH}/Chat.ReadWrite ${GRAPH}/User.Read`;
    const asked = { client_id, response_type: "code", redirect_uri, scope, login_hint: email, accept: "1" };
    const page = await fetch(`${base}/authorize?${new URLSearchParams(asked)}`, { redirect: "manual" });
    const code = new URL(page.headers.get("location")).searchParams.get("code");
    grant = { grant_type: "authorization_code", code, redirect_uri };
  }
  const form = new URLSearchParams({ ...app, ...grant });
  const answer = await (await fetch(`${base}/token`, { method: "POST", body: form })).json();
  check(answer.access_token, `the sandbox gives no token: ${JSON.stringify(answer)}`);
  return answer.access_token;
}
