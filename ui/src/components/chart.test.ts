import { expect, test } from "vitest";

import { areas, niceCeiling } from "./chart";

test("parts of a bar stand upon each other, and parts of nothing are not drawn", () => {
  expect(areas([[3, null, 1], [0, 2, 4]])).toEqual([
    { which: 0, nth: 0, from: 0, to: 3 },
    { which: 0, nth: 2, from: 0, to: 1 },
    { which: 1, nth: 1, from: 0, to: 2 },
    { which: 1, nth: 2, from: 1, to: 5 },
  ]);
});

test.each([
  [0, 2],
  [1, 2],
  [3, 4],
  [10, 10],
  [11, 20],
  [41, 60],
  [99_999, 100_000],
])("an axis for %d goes to %d", (value, ceiling) => {
  expect(niceCeiling(value)).toBe(ceiling);
});
