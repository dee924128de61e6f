import { expect, test } from "vitest";

import { lengths } from "./lengths";

const DAY = 86_400_000;

test("lengths are told in the largest unit that leaves no rest", () => {
  const names = lengths([0, 2_000, 90_000, 3_600_000, DAY, 3 * DAY], DAY, "at once");
  expect(names.map(({ name }) => name)).toEqual([
    "at once",
    "2 seconds",
    "90 seconds",
    "1 hour",
    "1 day",
    "3 days",
  ]);
});

test("what holds now can be chosen although it is none of the usual lengths", () => {
  expect(lengths([DAY, 3 * DAY], 2 * DAY).map(({ value }) => Number(value) / DAY)).toEqual([1, 2, 3]);
});
