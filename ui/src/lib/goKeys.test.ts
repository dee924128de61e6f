import { expect, test } from "vitest";

import { GO_TO, goKey } from "./goKeys";
import { strings } from "./strings";

test("a letter goes to its page only after g, and only for a moment", () => {
  const { going } = goKey(null, "g", 1_000);
  expect(goKey(going, "e", 1_400)).toEqual({ going: null, to: "people" });
  expect(goKey(going, "e", 4_000).to).toBeNull();
  expect(goKey(null, "e", 1_400).to).toBeNull();
});

test("a letter that leads nowhere ends the waiting", () => {
  const { going } = goKey(1_000, "q", 1_100);
  expect(goKey(going, "h", 1_200).to).toBeNull();
});

test("every way that a key leads is among the keys that are shown", () => {
  const shown = strings.keys.list.map(([pressing]) => pressing);
  for (const key of Object.keys(GO_TO)) expect(shown).toContain(`g ${key}`);
});
