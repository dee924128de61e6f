import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { strings } from "../../lib/strings";
import { webRedirect } from "./publicAddress.svelte";
import { checklist, permissionsOf } from "./registration";

const DOCUMENT = readFileSync(
  new URL("../../../../docs/connect-microsoft.md", import.meta.url),
  "utf8",
);

test("the permissions are those of the document", () => {
  const named = strings.connections.permissions.teams.flatMap(({ names }) => names);
  for (const name of named) expect(DOCUMENT).toContain(`\`${name}\``);
  const table = DOCUMENT.slice(DOCUMENT.indexOf("## 3."), DOCUMENT.indexOf("## 4."));
  const inTable = [...table.matchAll(/^\| (`.+?) \|/gm)].flatMap(([, cell]) =>
    [...(cell ?? "").matchAll(/`([^`]+)`/g)].map(([, name]) => name),
  );
  expect(new Set(named)).toEqual(new Set(inTable));
});

test("people's browsers come back below the public address, or to a placeholder", () => {
  const back = "/hooks/consent/callback";
  expect(webRedirect("https://hub.acme.example/")).toBe(`https://hub.acme.example${back}`);
  expect(webRedirect(null)).toBe(`https://YOUR-ADDRESS${back}`);
});

test("the checklist has a box for each value that the console wants", () => {
  const text = checklist(null);
  const all = [...permissionsOf("application"), ...permissionsOf("delegated")];
  for (const name of all.flatMap(({ names }) => names)) expect(text).toContain(`[ ] ${name}\n`);
  expect(text).toContain("[ ] http://localhost\n");
  expect(text).toContain("[ ] causeway://callback\n");
});
