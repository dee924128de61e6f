// An API description, and what in a recorded call is not as it says: each route is there, each
// parameter and property is known and of its type, and the answers fit. ajv is fetched by
// scripts/strangers.sh.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const fetched = createRequire(join(ROOT, "target/strangers/node/"));
const Ajv = fetched("ajv").default;
const addFormats = fetched("ajv-formats").default;

// Base types of Graph whose derived types the description does not have: they hold more.
const BASES = ["identity", "eventMessageDetail"];

/** One API description, made into what ajv reads. */
export class Description {
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
export const pointer = (...parts) => `#/${parts.map((part) => encodeURIComponent(escaped(String(part)))).join("/")}`;

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
export function fitsForm(text, schema) {
  if (schema.enum && !schema.enum.includes(text)) return false;
  switch (schema.type) {
    case "boolean":
      return /^(true|false|0|1)$/.test(text);
    case "integer":
      return /^-?\d+$/.test(text) && isWithin(Number(text), schema);
    case "number":
      return /^-?\d+(\.\d+)?$/.test(text) && isWithin(Number(text), schema);
    default:
      return schema.maxLength === undefined || text.length <= schema.maxLength;
  }
}

const isWithin = (number, { minimum = -Infinity, maximum = Infinity }) =>
  number >= minimum && number <= maximum;

/** A REST API in one description or several; what a platform has beyond it, its class adds. */
export class OpenApi {
  /** `base` is what stands before the described paths in a call's. */
  constructor(folder, base, ...files) {
    this.base = base;
    this.paths = files.flatMap((file) => {
      const description = new Description(folder, file);
      return Object.entries(description.document.paths).map(([path, item]) => ({
        description,
        path,
        item,
        parts: path.split("/"),
        literal: path.split("/").filter((part) => !part.startsWith("{")).length,
      }));
    });
  }

  hold(call, found) {
    const verb = call.method.split(" ")[0].toLowerCase();
    const path = call.path.startsWith(`${this.base}/`) ? call.path.slice(this.base.length) : call.path;
    const route = this.route(path, verb);
    if (!route) return found("no such route", call.method);
    const held = { ...route, verb, operation: route.item[verb] };
    this.queried(call, held, found);
    this.sent(call, held, found);
    this.permitted(call, held, found);
    this.answered(call, held, found);
  }

  /** The described path with the most words of its own. */
  route(path, verb) {
    const parts = path.split("/");
    const fits = this.paths.filter(
      (one) =>
        one.item[verb] &&
        one.parts.length === parts.length &&
        one.parts.every((part, index) => part.startsWith("{") || part === decodeURIComponent(parts[index])),
    );
    return fits.sort((one, other) => other.literal - one.literal)[0];
  }

  queried(call, { operation, item }, found) {
    const described = [...(item.parameters ?? []), ...(operation.parameters ?? [])];
    const known = described.filter((one) => one.in === "query");
    for (const [name, value] of Object.entries(call.query)) {
      const parameter = known.find((one) => one.name === name);
      if (!parameter) found("unknown parameter", name);
      else if (!fitsForm(value, parameter.schema ?? {})) found("wrong parameter", `${name}=${value}`);
    }
    for (const one of known) {
      if (one.required && !(one.name in call.query)) found("missing parameter", one.name);
    }
  }

  sent(call, { description, path, verb, operation }, found) {
    const content = operation.requestBody?.content;
    if (!content) {
      if (call.body !== null) found("a body that is not described", JSON.stringify(call.body).slice(0, 80));
      return;
    }
    const where = pointer("paths", path, verb, "requestBody", "content", "application/json", "schema");
    if (call.body === null) return found("no body", "one is described");
    for (const fault of description.faults(where, call.body, true)) found("wrong body", fault);
  }

  /** Where the description says what allows a call. */
  permitted() {}

  answered(call, { description, path, verb, operation }, found) {
    const described = operation.responses[call.status];
    if (!described) return found("answer", `status ${call.status}`);
    if (!described.content && call.response !== null && call.status < 400) {
      found("answer", `a body with ${call.status}`);
    }
    if (!described.content?.["application/json"]) return;
    const where = ["paths", path, verb, "responses", call.status, "content", "application/json", "schema"];
    for (const fault of description.faults(pointer(...where), call.response, true)) {
      found("answer", fault);
    }
  }
}
