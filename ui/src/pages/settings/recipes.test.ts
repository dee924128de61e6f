import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { forwarded, PROXIES, recipe } from "./recipes";

const DOCUMENT = readFileSync(
  new URL("../../../../docs/public-address.md", import.meta.url),
  "utf8",
);

test.each(PROXIES)("%s is told the same here as in the document", (proxy) => {
  const indented = recipe(proxy, forwarded("", "")).replace(/^(?=.)/gm, "    ");
  expect(DOCUMENT).toContain(indented);
});

test("the hub's own addresses are filled in", () => {
  const own = forwarded(" 10.0.0.5:9000 ", "https://hub.acme.example/");
  for (const proxy of PROXIES) {
    const text = recipe(proxy, own);
    expect(text).toContain("10.0.0.5:9000");
    expect(text).toContain("hub.acme.example");
    expect(text).not.toContain("yourdomain");
  }
});

test("a hub that listens everywhere is forwarded to on this computer", () => {
  expect(forwarded("0.0.0.0:8420", "").listen).toBe("127.0.0.1:8420");
  expect(forwarded("[::]:8420", "").listen).toBe("127.0.0.1:8420");
});
