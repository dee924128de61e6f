import { expect, test } from "vitest";

import { movedTo, seated } from "./grid";

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

const SEATS = new Map([
  [11, 0],
  [12, 1],
  [13, 2],
]);

test("a row keeps its seat while it is drawn, and who comes takes one that was left", () => {
  expect([...seated(SEATS, [12, 13, 14, 15], null)]).toEqual([
    [12, 1],
    [13, 2],
    [14, 0],
    [15, 3],
  ]);
});

test("nobody takes the seat that holds the focus", () => {
  expect(seated(SEATS, [12, 13, 14], 11).get(14)).toBe(3);
  expect(seated(SEATS, [21, 22, 23], 12)).toEqual(new Map([[21, 0], [22, 2], [23, 3]]));
});

test("every row has a seat of its own, however few were left", () => {
  const seats = seated(new Map([[1, 9], [2, 4], [3, 0]]), [1, 2, 5, 6, 7], 3);
  expect(new Set(seats.values()).size).toBe(5);
});
