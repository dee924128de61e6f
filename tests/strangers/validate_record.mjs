// Holds what `causeway sandbox --record` wrote against the vendors' API descriptions: each route is
// there, each parameter and property is known and of its type, the answers fit, and a permission
// that the hub asks for allows the call.
//
// Usage: node tests/strangers/validate_record.mjs DESCRIPTIONS_DIR RECORD.jsonl…
//
// DESCRIPTIONS_DIR holds slack-web.openapi2.json (as Slack published it in 2021),
// slack-supplement.openapi3.json (what has come since) and graph-v1.openapi3.json. They are no part
// of the project. ajv is fetched by scripts/strangers.sh.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const fetched = createRequire(join(ROOT, "target/strangers/node/"));
const Ajv = fetched("ajv").default;
const addFormats = fetched("ajv-formats").default;

// What is otherwise than described, and why that is right. `docs/verification.md` tells more.
const ALLOWED = [
  [
    /^teams GET \/policies\/authorizationPolicy: no such route/,
    "not among the paths kept in the description; learn.microsoft.com/graph/api/authorizationpolicy-get",
  ],
];

// Base types of Graph whose derived types the description does not have: they hold more.
const BASES = ["identity", "eventMessageDetail"];

const findings = new Map();
const outside = new Map();

function count(map, line) {
  map.set(line, (map.get(line) ?? 0) + 1);
}

/** One API description, made into what ajv reads. */
class Description {
  constructor(folder, file) {
    this.document = JSON.parse(readFileSync(join(folder, file), "utf8"));
    this.ajv = { open: this.reader(false), closed: this.reader(true) };
  }

  reader(closed) {
    const ajv = new Ajv({ strict: false, allErrors: true, logger: false });
    addFormats(ajv);
    const document = readable(this.document, closed);
    for (const base of BASES) delete document.components?.schemas?.[base]?.additionalProperties;
    return ajv.addSchema(document, "d");
  }

  resolved(schema) {
    if (schema?.$ref) return this.resolved(at(this.document, schema.$ref));
    return schema?.allOf?.length === 1 ? this.resolved(schema.allOf[0]) : schema;
  }

  /** What is wrong with a value by the schema at this place; `closed` refuses what is not named. */
  faults(pointer, value, closed) {
    const ajv = this.ajv[closed ? "closed" : "open"];
    const validate = ajv.getSchema(`d${pointer}`) ?? ajv.compile({ $ref: `d${pointer}` });
    if (validate(value)) return [];
    // Of an alternative between null and something, what is wrong with the latter is enough.
    const telling = validate.errors.filter(
      (error) => error.keyword !== "anyOf" && error.params.type !== "null",
    );
    return telling.map((error) => {
      const place = error.instancePath.replace(/\/\d+(?=\/|$)/g, "/*");
      const more = error.params.additionalProperty ?? error.params.missingProperty;
      const wanted = error.params.allowedValues?.join(", ") ?? error.params.type ?? more ?? "";
      return `${place} ${error.message}${more ? ` (${more})` : ""}${more ? "" : ` ${wanted}`}`.trim();
    });
  }
}

function at(document, pointer) {
  const parts = pointer.slice(2).split("/");
  return parts.reduce((node, part) => node?.[unescaped(part)], document);
}

const escaped = (part) => part.replaceAll("~", "~0").replaceAll("/", "~1");
const unescaped = (part) => decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
const pointer = (...parts) => `#/${parts.map((part) => encodeURIComponent(escaped(String(part)))).join("/")}`;

/** OpenAPI's schemas as JSON Schema: `nullable` resolved, and objects closed where that is wanted. */
function readable(node, closed) {
  if (Array.isArray(node)) return node.map((item) => readable(item, closed));
  if (node === null || typeof node !== "object") return node;
  const made = {};
  for (const [key, value] of Object.entries(node)) {
    if (key !== "example" && key !== "examples") made[key] = readable(value, closed);
  }
  const isObject = made.type === "object" && made.properties;
  if (closed && isObject && made.additionalProperties === undefined) {
    made.additionalProperties = false;
    made.patternProperties = { "@": {} };
  }
  if (made.nullable !== true) return made;
  delete made.nullable;
  return { anyOf: [{ type: "null" }, made] };
}

/** Whether a value in a form can be read as what the schema wants. */
function fitsForm(text, schema) {
  if (schema.enum && !schema.enum.includes(text)) return false;
  switch (schema.type) {
    case "boolean":
      return /^(true|false|0|1)$/.test(text);
    case "integer":
      return /^-?\d+$/.test(text);
    case "number":
      return /^-?\d+(\.\d+)?$/.test(text);
    default:
      return schema.maxLength === undefined || text.length <= schema.maxLength;
  }
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

class Graph {
  constructor(folder) {
    this.description = new Description(folder, "graph-v1.openapi3.json");
    this.paths = Object.keys(this.description.document.paths).map((path) => ({
      path,
      parts: path.split("/"),
      literal: path.split("/").filter((part) => !part.startsWith("{")).length,
    }));
    this.permissions = permissionsAsked();
  }

  hold(call, found) {
    const verb = call.method.split(" ")[0].toLowerCase();
    const path = this.route(call.path.replace(/^\/v1\.0/, ""), verb);
    if (!path) return found("no such route", call.method);
    const operation = this.description.document.paths[path][verb];
    const held = { path, verb, operation };
    this.queried(call, held, found);
    this.sent(call, held, found);
    this.permitted(held, found);
    this.answered(call, held, found);
  }

  /** The described path with the most words of its own. */
  route(path, verb) {
    const parts = path.split("/");
    const fits = this.paths.filter(
      (one) =>
        this.description.document.paths[one.path][verb] &&
        one.parts.length === parts.length &&
        one.parts.every((part, index) => part.startsWith("{") || part === decodeURIComponent(parts[index])),
    );
    return fits.sort((one, other) => other.literal - one.literal)[0]?.path;
  }

  queried(call, { operation }, found) {
    const known = (operation.parameters ?? []).filter((one) => one.in === "query");
    for (const [name, value] of Object.entries(call.query)) {
      if (!known.some((one) => one.name === name)) found("unknown parameter", name);
      else this.named(name, value, operation, found);
    }
  }

  /** The names in a query are those of what is asked for. */
  named(parameter, value, operation, found) {
    const schema = operation.responses["200"]?.content?.["application/json"]?.schema;
    const whole = this.description.resolved(schema);
    const items = whole?.properties?.value?.items;
    const entity = items ? this.description.resolved(items) : whole;
    const names = {
      $select: () => value.split(","),
      $expand: () => value.split(",").map((part) => part.split("(")[0]),
      $orderby: () => value.split(",").map((part) => part.trim().split(" ")[0]),
      $filter: () => [...value.matchAll(/([A-Za-z/]+) (?:eq|ne|gt|ge|lt|le) /g)].map((one) => one[1]),
    }[parameter]?.();
    for (const name of names ?? []) {
      const step = (held, part) => this.description.resolved(held?.properties?.[part]);
      if (!name.split("/").reduce(step, entity)) found("unknown property in query", `${parameter} ${name}`);
    }
    if (parameter === "$top" && !/^[1-9]\d*$/.test(value)) found("wrong parameter", `$top=${value}`);
  }

  sent(call, { path, verb, operation }, found) {
    const content = operation.requestBody?.content;
    if (!content) {
      if (call.body !== null) found("a body that is not described", JSON.stringify(call.body).slice(0, 80));
      return;
    }
    const where = pointer("paths", path, verb, "requestBody", "content", "application/json", "schema");
    if (call.body === null) return found("no body", "one is described");
    for (const fault of this.description.faults(where, call.body, true)) found("wrong body", fault);
  }

  /** Which token was used is not recorded: an app's or a person's must allow it. */
  permitted({ operation }, found) {
    const listed = operation["x-ms-permissions"];
    if (!listed) return;
    const allows = (kind) =>
      (listed[kind] ?? []).some((one) => this.permissions[kind].has(one.replace("*", "")));
    if (!allows("application") && !allows("delegated")) {
      found("no permission", JSON.stringify(listed));
    }
  }

  answered(call, { path, verb, operation }, found) {
    const described = operation.responses[call.status];
    if (!described) return found("answer", `status ${call.status}`);
    if (!described.content?.["application/json"]) {
      if (call.response !== null) found("answer", `a body with ${call.status}`);
      return;
    }
    const where = ["paths", path, verb, "responses", call.status, "content", "application/json", "schema"];
    for (const fault of this.description.faults(pointer(...where), call.response, true)) {
      found("answer", fault);
    }
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
  const posts = call.platform === "slack" || http === "POST" || http === "PATCH";
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
const held = { slack: new Slack(folder), teams: new Graph(folder) };
let calls = 0;
for (const record of records) {
  for (const line of readFileSync(record, "utf8").trim().split("\n")) {
    const call = JSON.parse(line);
    const own = call.method === "response_url" || call.method.startsWith("oauth.v2.authorize");
    if (!held[call.platform] || own) {
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
