import { expect, test } from "vitest";

import { duration, exactTime, relativeTime } from "./time";

const NOW = Date.UTC(2025, 5, 20, 12, 0, 0);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

test.each([
  [0, "just now"],
  [59_999, "just now"],
  [MINUTE, "1 min ago"],
  [59 * MINUTE + 59_999, "59 min ago"],
  [HOUR, "1 h ago"],
  [23 * HOUR, "23 h ago"],
  [24 * HOUR, "1 d ago"],
  [27 * 24 * HOUR, "27 d ago"],
])("%i ms back is %s", (distance, words) => {
  expect(relativeTime(NOW - distance, NOW)).toBe(words);
});

test("a time ahead says so, and clocks that differ a little do not", () => {
  expect(relativeTime(NOW + 5 * MINUTE, NOW)).toBe("in 5 min");
  expect(relativeTime(NOW + 20_000, NOW)).toBe("just now");
});

test("what is long past is a date", () => {
  expect(relativeTime(NOW - 40 * 24 * HOUR, NOW)).toBe("11 May 2025");
});

test("the exact time has its seconds", () => {
  const at = new Date(2025, 5, 20, 9, 4, 7).getTime();
  expect(exactTime(at)).toBe("20 Jun 2025, 09:04:07");
});

test.each([
  [-5, "0 ms"],
  [180, "180 ms"],
  [2_449, "2.4 s"],
  [9_999, "9.9 s"],
  [59_999, "59 s"],
  [3 * MINUTE, "3 min"],
  [50 * HOUR, "2 d"],
])("a length of %i ms is %s", (length, words) => {
  expect(duration(length)).toBe(words);
});
