import { expect, test } from "vitest";

import { movedTo } from "./grid";

test.each([
  ["ArrowDown", 0, 1],
  ["ArrowDown", 99, 99],
  ["ArrowUp", 0, 0],
  ["PageDown", 5, 14],
  ["PageUp", 5, 0],
  ["Home", 50, 0],
  ["End", 50, 99],
])("%s from row %i of 100 goes to %i", (key, from, to) => {
  expect(movedTo(key, from, 100, 10)).toBe(to);
});

test("other keys, and a list without rows, go nowhere", () => {
  expect(movedTo("a", 3, 100, 10)).toBeNull();
  expect(movedTo("End", 0, 0, 10)).toBeNull();
});
