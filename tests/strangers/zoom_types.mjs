// What Zoom's own types say of what the Zoom stand-in answers and tells: @zoom/rivet describes every
// answer and event, and TypeScript finds what is missing, unknown or of another type.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import ts from "typescript";

const HERE = dirname(fileURLToPath(import.meta.url));
const FOUND = join(HERE, "found.ts");
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

/** Keeps what a client of one of rivet's modules is answered and told, to be held against its types. */
export class Typed {
  values = [];

  constructor(module, client) {
    this.module = module;
    const entry = createRequire(import.meta.url).resolve(`@zoom/rivet/${module}`);
    const types = readFileSync(join(dirname(entry), `${module}.d.ts`), "utf8");
    const described = types.matchAll(/(?:type|interface) (\w+) (?:=|extends) Event<"([^"]+)">/g);
    this.events = new Map([...described].map(([, type, event]) => [event, type]));
    this.exported = new Set(types.slice(types.lastIndexOf("export type {")).match(/\w+/g));
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

  /** What is not as the types say, each once. */
  faults() {
    const lines = this.values.map(
      ({ type, value }, index) => `export const v${index}: T.${type} = ${JSON.stringify(value)};`,
    );
    const text = [`import type * as T from "@zoom/rivet/${this.module}";`, ...lines].join("\n");
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
      return `${this.values[line - 1]?.what ?? this.module}: ${why}`;
    });
    return [...new Set(found)];
  }
}
