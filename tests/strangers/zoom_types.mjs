// What Zoom's own types say of calls, answers and events: @zoom/rivet describes each of them, and
// TypeScript finds what is missing, unknown or of another type. Both are fetched by
// scripts/strangers.sh.

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

// Beside what was fetched, where this is run as a copy; else from where it lies.
const OWN = dirname(fileURLToPath(import.meta.url));
const FETCHED = existsSync(join(OWN, "node_modules")) ? OWN : join(OWN, "../../target/strangers/node");
const fetched = createRequire(join(FETCHED, "/"));
const ts = fetched("typescript");

const FOUND = join(FETCHED, "found.ts");
const OPTIONS = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  types: [],
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
};

const capital = (word) => word[0].toUpperCase() + word.slice(1);

/** The types of one of rivet's modules, as text. */
function declared(module) {
  const entry = fetched.resolve(`@zoom/rivet/${module}`);
  return readFileSync(join(dirname(entry), `${module}.d.ts`), "utf8");
}

/** The names of the types that a module has for all to use. */
export function exportedTypes(module) {
  const types = declared(module);
  return new Set(types.slice(types.lastIndexOf("export type {")).match(/\w+/g));
}

/** What is not as the types of a module say, of values `{ what, type, value }`; each once. */
export function faultsOf(module, values) {
  const lines = values.map(
    ({ type, value }, index) => `export const v${index}: T.${type} = ${JSON.stringify(value)};`,
  );
  const text = [`import type * as T from "@zoom/rivet/${module}";`, ...lines].join("\n");
  const host = ts.createCompilerHost(OPTIONS);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => name === FOUND || fileExists(name);
  host.getSourceFile = (name, ...rest) =>
    name === FOUND ? ts.createSourceFile(name, text, OPTIONS.target) : getSourceFile(name, ...rest);
  const program = ts.createProgram([FOUND], OPTIONS, host);
  const source = program.getSourceFile(FOUND);
  const found = ts.getPreEmitDiagnostics(program, source).map((diagnostic) => {
    const { line } = source.getLineAndCharacterOfPosition(diagnostic.start);
    const why = ts.flattenDiagnosticMessageText(diagnostic.messageText, " ");
    return `${values[line - 1]?.what ?? module}: ${why}`;
  });
  return [...new Set(found)];
}

/** Keeps what a client of one of rivet's modules is answered and told, to be held against its types. */
export class Typed {
  values = [];

  constructor(module, client) {
    this.module = module;
    const described = declared(module).matchAll(
      /(?:type|interface) (\w+) (?:=|extends) Event<"([^"]+)">/g,
    );
    this.events = new Map([...described].map(([, type, event]) => [event, type]));
    this.exported = exportedTypes(module);
    for (const [group, calls] of Object.entries(client.endpoints)) {
      if (group !== "options") this.watch(group, calls);
    }
  }

  watch(group, calls) {
    for (const [name, call] of Object.entries(calls)) {
      const types = [`${capital(group)}${capital(name)}Response`, `${capital(name)}Response`];
      const type = types.find((one) => this.exported.has(one));
      calls[name] = async (args) => {
        const answer = await call(args);
        if (type) this.values.push({ what: name, type, value: answer.data });
        return answer;
      };
    }
  }

  told(event) {
    const type = this.events.get(event.event);
    if (type) this.values.push({ what: event.event, type, value: event });
  }

  faults() {
    return faultsOf(this.module, this.values);
  }
}
