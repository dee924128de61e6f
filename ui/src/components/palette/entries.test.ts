import { expect, test } from "vitest";

import { fits, movedIn } from "./entries";

test("an entry is found by any words of its name, in any order", () => {
  const entry = { name: "Show uncertain deliveries" };
  expect(fits(entry, "deliv UNCERT")).toBe(true);
  expect(fits(entry, "deliveries people")).toBe(false);
});

test("arrows go round at both ends, and other keys stay where they are", () => {
  expect(movedIn(3, 2, "ArrowDown")).toBe(0);
  expect(movedIn(3, 0, "ArrowUp")).toBe(2);
  expect(movedIn(0, 0, "ArrowUp")).toBe(0);
  expect(movedIn(3, 1, "j")).toBeNull();
});
