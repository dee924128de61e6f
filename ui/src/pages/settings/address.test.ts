import { expect, test } from "vitest";

import { checkAddress } from "./address";

const fine = { listen: null, url: null };

test.each([
  ["", ""],
  ["127.0.0.1:8420", ""],
  ["[::1]:8420", "https://causeway.example.org"],
  ["127.0.0.1:8420", "http://127.0.0.1:9000"],
])("%j reached as %j can be kept", (listen, url) => {
  expect(checkAddress(listen, url)).toEqual(fine);
});

test.each([
  ["8420", ""],
  ["127.0.0.1:99999", ""],
  ["", "https://causeway.example.org"],
])("%j reached as %j lacks a place to listen", (listen, url) => {
  expect(checkAddress(listen, url).listen).not.toBeNull();
});

test("a plain address outside this computer is refused", () => {
  expect(checkAddress("127.0.0.1:8420", "http://causeway.example.org").url).not.toBeNull();
  expect(checkAddress("127.0.0.1:8420", "causeway.example.org").url).not.toBeNull();
});
