import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { strings } from "../../lib/strings";
import type { Permission } from "../../lib/strings/permissions";
import { DEVICE_REDIRECTS, scopesOf } from "./integration";
import { zoomScopes } from "./zoomApps";

const CONNECTORS = "../../../../crates/connectors/src/";
const sourceOf = (file: string) =>
  readFileSync(new URL(`${CONNECTORS}${file}`, import.meta.url), "utf8");

/** The quoted words between two places of a source. */
function wordsBetween(source: string, from: string, to: string): string[] {
  const start = source.indexOf(from);
  const part = source.slice(start, source.indexOf(to, start));
  expect(start, from).toBeGreaterThan(-1);
  return [...part.matchAll(/"([^"]+)"/g)].map(([, word]) => word ?? "");
}

const named = (permissions: readonly Permission[]) =>
  new Set(permissions.flatMap(({ names }) => names));

test("Webex's guide ticks what people and the administrator are asked for", () => {
  const source = sourceOf("webex/sign_in.rs");
  const listed = (name: string) => wordsBetween(source, `const ${name}:`, "];");
  const people = new Set(listed("PEOPLE_SCOPES"));
  const beside = (scopes: string[]) => new Set(scopes.filter((scope) => !people.has(scope)));
  expect(named(scopesOf("people", "events"))).toEqual(people);
  expect(named(scopesOf("administrator", "events"))).toEqual(beside(listed("ADMINISTRATOR_SCOPES")));
  const sockets = wordsBetween(sourceOf("webex/purpose.rs"), "const SOCKET_SCOPES", "];");
  expect(named(scopesOf("people", "sockets"))).toEqual(new Set([...people, ...sockets]));
  expect(named(scopesOf("administrator", "sockets"))).toEqual(beside(listed("DIRECTORY_SCOPES")));
  expect(scopesOf("guests", "sockets")).toEqual(scopesOf("guests", "events"));
});

test("Webex's scopes are named in the document, too", () => {
  const document = readFileSync(new URL("../../../../docs/connect-webex.md", import.meta.url), "utf8");
  for (const name of named(strings.connections.permissions.webex)) expect(document).toContain(`\`${name}\``);
});

test("Zoom's guide adds what the check looks for", () => {
  const scopes = wordsBetween(sourceOf("zoom/preflight.rs"), "const NEEDED", "const NO_MESSAGE");
  // The classic scopes, of three words, each stand for several.
  const granular = scopes.filter((scope) => scope.split(":").length > 3 || scope.startsWith("marketplace:"));
  expect(named(zoomScopes("server"))).toEqual(new Set(granular));
});

test("the guide to the app that people authorise adds what the check looks for in their tokens", () => {
  const scopes = wordsBetween(sourceOf("zoom/people_checks.rs"), "const NEEDED", "const CLASSIC_WRITE");
  const granular = scopes.filter((scope) => scope.split(":").length > 2);
  expect(named(zoomScopes("people"))).toEqual(new Set(granular));
});

test("no scope is named twice, and codes have their three redirects", () => {
  for (const permissions of Object.values(strings.connections.permissions)) {
    const names = permissions.flatMap((one) => one.names);
    expect(names).toHaveLength(new Set(names).size);
  }
  expect(DEVICE_REDIRECTS).toEqual([
    "https://oauth-helper-a.wbx2.com/helperservice/v1/actions/device/callback",
    "https://oauth-helper-k.wbx2.com/helperservice/v1/actions/device/callback",
    "https://oauth-helper-r.wbx2.com/helperservice/v1/actions/device/callback",
  ]);
});
