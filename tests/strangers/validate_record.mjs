// Holds what `causeway sandbox --record` wrote against the vendors' API descriptions: each route is
// there, each parameter and property is known and of its type, the answers fit, and a permission
// that the hub asks for allows the call.
//
// Usage: node tests/strangers/validate_record.mjs DESCRIPTIONS_DIR RECORD.jsonl…
//
// DESCRIPTIONS_DIR holds slack-web.openapi2.json (as Slack published it in 2021),
// slack-supplement.openapi3.json (what has come since), graph-v1.openapi3.json,
// webex-messaging.openapi3.json, webex-admin.openapi3.json and zoom-teamchat.openapi3.json. They are
// no part of the project.

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { Description, OpenApi, ROOT, fitsForm, pointer } from "./api_description.mjs";

// What is otherwise than described, and why that is right. `docs/verification.md` tells more.
const ALLOWED = [
  [
    /^teams GET \/policies\/authorizationPolicy: no such route/,
    "not among the paths kept in the description; learn.microsoft.com/graph/api/authorizationpolicy-get",
  ],
  [
    /^webex GET \/people(\/me)?: answer: .*\/(invitePending|loginEnabled) must be/,
    "described as a string of the words true and false; clients of others read a boolean, ours both",
  ],
  [
    /^webex (POST \/messages|GET \/messages\/direct): answer: .*additional properties \((html|updated)\)/,
    "not in the schema, and in the description's own example of the same answer",
  ],
  [
    /^webex GET \/events: answer: \/items\/\*\/data must NOT have additional properties/,
    "the description has one schema for all kinds of data; wxc_sdk has read each of these in live answers",
  ],
  [
    /^webex (GET|POST) \/webhooks: answer: .*additional properties \((appId|createdBy|orgId)\)/,
    "not in the schema; the notifications on developer.webex.com/docs/webhooks have them",
  ],
  [
    /^zoom GET \/users\/\{userId\}: answer: .*additional properties \((company|job_title|login_types)\)/,
    "not among the fields kept in the description; the types of @zoom/rivet have them",
  ],
  [
    /^zoom (PUT|DELETE) \/im\/chat\/messages\/\{messageId\}: no such route/,
    "not among the paths kept in the description; @zoom/rivet calls both",
  ],
  [
    /^webex [A-Z]+ \/(u2c|wdm|mercury)\/.*: no such route/,
    "the bell of Webex's own clients, which only webex-js-sdk describes",
  ],
  [/^zoom .*: answer: status 500$/, "the sandbox was told to fail so, as any server may"],
];

// What is no part of the described APIs: where people sign in and tokens are had, and sockets.
const BESIDE = [
  /^slack (response_url$|oauth\.v2\.authorize)/,
  /^webex (GET \/authorize|POST \/access_token|POST \/device\/)/,
  /^zoom (GET|POST) \/(oauth\/|ws$|p\/)/,
];

const findings = new Map();
const outside = new Map();

function count(map, line) {
  map.set(line, (map.get(line) ?? 0) + 1);
}

class Slack {
  constructor(folder) {
    this.old = new Description(folder, "slack-web.openapi2.json");
    this.recent = new Description(folder, "slack-supplement.openapi3.json");
    const manifest = readFileSync(join(ROOT, "crates/connectors/src/slack/manifest.json"), "utf8");
    const { bot, user } = JSON.parse(manifest).oauth_config.scopes;
    this.scopes = new Set([...bot, ...user]);
  }

  hold(call, found) {
    const path = `/${call.method}`;
    const recent = this.recent.document.paths[path]?.post;
    const [verb, old] = Object.entries(this.old.document.paths[path] ?? {})[0] ?? [];
    if (!recent && !old) return found("no such method", call.path);
    // Every method takes POST with a form, reads too (docs.slack.dev/apis/web-api).
    const sent = { ...call.query, ...(call.body ?? {}) };
    if (recent) this.recently(recent, path, sent, found);
    else this.formerly(old, sent, found);
    this.permitted(recent, old, found);
    if (typeof call.response !== "object" || call.response === null) return;
    if (call.status !== 200 && call.status !== 429) return;
    if (recent) {
      const schema = recent.responses[call.status].content["application/json"].schema;
      const where = ["paths", path, "post", "responses", call.status, "content", "application/json", "schema"];
      const branch = schema.oneOf ? [...where, "oneOf", call.response.ok ? 0 : 1] : where;
      this.answered(this.recent, pointer(...branch), call, found);
    } else {
      const outcome = call.response.ok ? 200 : "default";
      const where = pointer("paths", path, verb, "responses", outcome, "schema");
      this.answered(this.old, where, call, found);
    }
  }

  formerly(operation, sent, found) {
    const known = new Map(operation.parameters.map((one) => [one.name, one]));
    for (const [name, value] of Object.entries(sent)) {
      if (!known.has(name)) found("unknown parameter", name);
      else if (!fitsForm(value, known.get(name))) found("wrong parameter", `${name}=${value}`);
    }
    for (const one of known.values()) {
      if (one.required && !(one.name in sent)) found("missing parameter", one.name);
    }
  }

  recently(operation, path, sent, found) {
    const kind = "application/x-www-form-urlencoded";
    const schema = operation.requestBody?.content[kind].schema ?? { properties: {} };
    for (const [name, value] of Object.entries(sent)) {
      const wanted = schema.properties[name];
      if (!wanted) found("unknown parameter", name);
      else if (wanted.type === "object" || wanted.type === "array") {
        const where = ["paths", path, "post", "requestBody", "content", kind, "schema", "properties", name];
        for (const fault of this.recent.faults(pointer(...where), JSON.parse(value), true)) {
          found("wrong parameter", `${name}${fault}`);
        }
      } else if (!fitsForm(value, wanted)) found("wrong parameter", `${name}=${value}`);
    }
    for (const name of schema.required ?? []) {
      if (!(name in sent)) found("missing parameter", name);
    }
  }

  permitted(recent, old, found) {
    const listed = recent?.["x-scopes"] ?? old.security?.flatMap((one) => one.slackAuth) ?? [];
    // The classic names end in whose token it is.
    const names = listed.map((scope) => scope.replace(/:(bot|user)$/, ""));
    const none = names.length === 0 || names.includes("none") || names.includes("connections:write");
    if (!none && !names.some((scope) => this.scopes.has(scope))) {
      found("no permission", `one of ${listed.join(", ")}`);
    }
  }

  answered(description, where, call, found) {
    for (const fault of description.faults(where, call.response, false)) found("answer", fault);
  }
}

class Graph extends OpenApi {
  constructor(folder) {
    super(folder, "/v1.0", "graph-v1.openapi3.json");
    this.permissions = permissionsAsked();
  }

  queried(call, held, found) {
    super.queried(call, held, found);
    for (const [name, value] of Object.entries(call.query)) this.named(name, value, held, found);
  }

  /** The names in a query are those of what is asked for. */
  named(parameter, value, { description, operation }, found) {
    const schema = operation.responses["200"]?.content?.["application/json"]?.schema;
    const whole = description.resolved(schema);
    const items = whole?.properties?.value?.items;
    const entity = items ? description.resolved(items) : whole;
    const names = {
      $select: () => value.split(","),
      $expand: () => value.split(",").map((part) => part.split("(")[0]),
      $orderby: () => value.split(",").map((part) => part.trim().split(" ")[0]),
      $filter: () => [...value.matchAll(/([A-Za-z/]+) (?:eq|ne|gt|ge|lt|le) /g)].map((one) => one[1]),
    }[parameter]?.();
    for (const name of names ?? []) {
      const step = (held, part) => description.resolved(held?.properties?.[part]);
      if (!name.split("/").reduce(step, entity)) found("unknown property in query", `${parameter} ${name}`);
    }
    if (parameter === "$top" && !/^[1-9]\d*$/.test(value)) found("wrong parameter", `$top=${value}`);
  }

  /** Which token was used is not recorded: an app's or a person's must allow it. */
  permitted(_call, { operation }, found) {
    const listed = operation["x-ms-permissions"];
    if (!listed) return;
    const allows = (kind) =>
      (listed[kind] ?? []).some((one) => this.permissions[kind].has(one.replace("*", "")));
    if (!allows("application") && !allows("delegated")) {
      found("no permission", JSON.stringify(listed));
    }
  }
}

class Webex extends OpenApi {
  constructor(folder) {
    super(folder, "/v1", "webex-messaging.openapi3.json", "webex-admin.openapi3.json");
  }
}

class Zoom extends OpenApi {
  constructor(folder) {
    super(folder, "/v2", "zoom-teamchat.openapi3.json");
    const guide = readFileSync(join(ROOT, "ui/src/lib/strings/permissions.ts"), "utf8");
    // The chatbot has its own scope by being one.
    this.scopes = new Set(["imchat:bot"]);
    for (const [, scope] of guide.matchAll(/"([a-z_]+(?::[a-z_]+)+:admin)"/g)) this.scopes.add(scope);
  }

  permitted(_call, { operation }, found) {
    const listed = operation["x-zoom-granular-scopes"];
    if (!listed.some((scope) => this.scopes.has(scope))) found("no permission", `one of ${listed.join(", ")}`);
  }
}

/** The tables of permissions in the instructions for administrators. */
function permissionsAsked() {
  const text = readFileSync(join(ROOT, "docs/connect-microsoft.md"), "utf8");
  const asked = { application: new Set(), delegated: new Set() };
  let kind;
  for (const line of text.split("\n")) {
    kind = line.match(/^\| (application|delegated) permission/)?.[1] ?? (line.startsWith("|") ? kind : undefined);
    const names = line.split("|")[1]?.matchAll(/`([A-Za-z.]+)`/g) ?? [];
    if (kind) for (const [, name] of names) asked[kind].add(name);
  }
  return asked;
}

/** RFC 9110 section 8.6: a POST without a body says so, or a server may answer 411. */
function saysItsLength(call, found) {
  const http = call.method.split(" ")[0];
  const posts = call.platform === "slack" || ["POST", "PATCH", "PUT"].includes(http);
  const said = call.headers["content-length"] ?? call.headers["transfer-encoding"];
  if (posts && said === undefined) found("no length", "neither Content-Length nor Transfer-Encoding");
}

function report(calls) {
  const unexplained = [];
  const explained = new Map();
  for (const [line, times] of [...findings].sort()) {
    const allowed = ALLOWED.find(([pattern]) => pattern.test(line));
    if (!allowed) unexplained.push(`${String(times).padStart(6)}  ${line}`);
    else explained.set(allowed, (explained.get(allowed) ?? 0) + times);
  }
  console.log(`${calls} calls held against the descriptions`);
  for (const [line, times] of [...outside].sort()) {
    console.log(`${String(times).padStart(6)}  not described: ${line}`);
  }
  for (const [[pattern, why], times] of explained) {
    console.log(`${String(times).padStart(6)}  allowed: ${pattern.source}: ${why}`);
  }
  for (const line of unexplained) console.log(line);
  return unexplained.length;
}

const [folder, ...records] = process.argv.slice(2);
if (records.length === 0) {
  console.error("usage: node tests/strangers/validate_record.mjs DESCRIPTIONS_DIR RECORD.jsonl…");
  process.exit(2);
}
const held = {
  slack: new Slack(folder),
  teams: new Graph(folder),
  webex: new Webex(folder),
  zoom: new Zoom(folder),
};
let calls = 0;
for (const record of records) {
  for (const line of readFileSync(record, "utf8").trim().split("\n")) {
    const call = JSON.parse(line);
    if (!held[call.platform] || BESIDE.some((pattern) => pattern.test(`${call.platform} ${call.method}`))) {
      count(outside, `${call.platform} ${call.method}`);
      continue;
    }
    calls += 1;
    const found = (kind, what) => count(findings, `${call.platform} ${call.method}: ${kind}: ${what}`);
    saysItsLength(call, found);
    held[call.platform].hold(call, found);
  }
}
process.exitCode = report(calls) === 0 ? 0 : 1;
