import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { parse } from "svelte/compiler";
import { expect, test } from "vitest";

const SRC = fileURLToPath(new URL("../../", import.meta.url));

/** Attributes that people see or hear. */
const SPOKEN = ["title", "aria-label", "aria-description", "aria-valuetext", "placeholder", "label", "alt", "text", "hint"];

type Node = { type: string; [part: string]: unknown };

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && typeof (value as Partial<Node>).type === "string";
}

/** How a token begins is the same in every language. */
const TOKENS = ["xoxb-…", "xapp-…"];

function isWord(text: unknown): text is string {
  return typeof text === "string" && /\p{L}{2}/u.test(text) && !TOKENS.includes(text);
}

/** Literal words of an expression that is shown, also behind a condition. */
function literals(expression: unknown): string[] {
  if (!isNode(expression)) return [];
  switch (expression.type) {
    case "Literal":
      return isWord(expression.value) ? [expression.value] : [];
    case "TemplateLiteral":
      return (expression.quasis as { value: { raw: string } }[])
        .map(({ value }) => value.raw)
        .filter(isWord);
    case "ConditionalExpression":
      return [...literals(expression.consequent), ...literals(expression.alternate)];
    case "LogicalExpression":
    case "BinaryExpression":
      return [...literals(expression.left), ...literals(expression.right)];
    default:
      return [];
  }
}

/** The words that a file's markup says by itself. */
function wordsIn(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(wordsIn);
  if (!isNode(node)) return [];
  if (node.type === "Text") return isWord(node.data) ? [node.data.trim()] : [];
  if (node.type === "ExpressionTag") return literals(node.expression);
  if (node.type.endsWith("Directive")) return [];
  if (node.type === "Attribute") return SPOKEN.includes(String(node.name)) ? wordsIn(node.value) : [];
  return Object.values(node).flatMap((part) => {
    const isFragment = isNode(part) && part.type === "Fragment";
    return isFragment || Array.isArray(part) ? wordsIn(isFragment ? part.nodes : part) : [];
  });
}

const wordsOf = (source: string) => wordsIn(parse(source, { modern: true }).fragment.nodes);

test("words are found wherever markup can say them, and nothing else is", () => {
  const said = [
    "<p>Hello there</p>",
    '<p title="Hello there"></p>',
    "{#if x}<b>{y ? 'Hello there' : z}</b>{/if}",
    "{#each all as one}{#snippet s()}{`Hello there`}{/snippet}{/each}",
    "{#await x}{:then y}<Card title='Hello there' />{/await}",
    "{#if x}{:else}Hello there{/if}",
  ];
  for (const source of said) expect(wordsOf(source), source).toEqual(["Hello there"]);
  const silent = '<p class="hello there" style:width="{x}px" title={words.a}>{words.b}: · %{format("hello", 1)}</p>';
  expect(wordsOf(silent)).toEqual([]);
});

test("no component says a word that is not among the strings", () => {
  const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".svelte"),
  );
  expect(files.length).toBeGreaterThan(50);
  const said = files.flatMap((file) =>
    wordsOf(readFileSync(join(SRC, file), "utf8")).map((words) => `${file}: ${words}`),
  );
  expect(said).toEqual([]);
});
