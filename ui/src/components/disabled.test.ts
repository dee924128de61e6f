import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { parse } from "svelte/compiler";
import { expect, test } from "vitest";

const SRC = fileURLToPath(new URL("../", import.meta.url));

type Attribute = { type: string; name: string; value: unknown };
type Element = { type: string; name: string; attributes: Attribute[] };

/** Everything in markup that has attributes. */
function elements(node: unknown): Element[] {
  if (typeof node !== "object" || node === null) return [];
  if (Array.isArray(node)) return node.flatMap(elements);
  const within = Object.values(node).flatMap(elements);
  return Array.isArray((node as Partial<Element>).attributes) ? [node as Element, ...within] : within;
}

/** Drawn in place instead of elsewhere, which is how the library names it. */
const NO_CONTROL = "Select.Portal";

/** Elements that keep from whoever comes to them why they cannot be used, or that nobody comes to. */
function silent(source: string): string[] {
  return elements(parse(source, { modern: true }).fragment)
    .filter(({ name }) => name !== NO_CONTROL)
    .map(({ attributes }) => new Map(attributes.map((one) => [one.name, JSON.stringify(one.value)])))
    .filter((has) => {
      // An option says it in its own text.
      const isOption = has.get("role")?.includes('"option"') ?? false;
      const saysWhy = has.has("title") || isOption;
      return has.has("disabled") || (has.has("aria-disabled") && !saysWhy);
    })
    .map((has) => [...has.keys()].join(" "));
}

test("a control that is skipped by the keyboard or has no reason is noticed", () => {
  expect(silent("<button disabled>a</button>")).toHaveLength(1);
  expect(silent('{#if x}<b aria-disabled="true">a</b>{/if}')).toHaveLength(1);
  expect(silent('<b aria-disabled="true" title={why}>a</b>')).toEqual([]);
});

test("every control that cannot be used can be come to, and says why", () => {
  const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".svelte"),
  );
  const faults = files.flatMap((file) =>
    silent(readFileSync(join(SRC, file), "utf8")).map((fault) => `${file}: ${fault}`),
  );
  expect(faults).toEqual([]);
});
