import { expect, test } from "vitest";

import type { Platform } from "../../lib/backend/bindings";
import { roomIn, shownOf, withApp } from "./apps";

const ALL: Platform[] = ["slack", "teams", "webex", "zoom"];

test("two apps are shown at first, and never fewer", () => {
  expect(shownOf(ALL, [], 4)).toEqual(["slack", "teams"]);
  expect(shownOf(ALL, ["zoom"], 4)).toEqual(["slack", "zoom"]);
  expect(shownOf(["slack"], [], 4)).toEqual(["slack"]);
});

test("what was chosen is shown in the order of the platforms, as far as there is room", () => {
  const chosen: Platform[] = ["zoom", "slack", "webex"];
  expect(shownOf(ALL, chosen, 4)).toEqual(["slack", "webex", "zoom"]);
  expect(shownOf(ALL, chosen, 2)).toEqual(["slack", "webex"]);
  expect(shownOf(["slack", "teams"], chosen, 2)).toEqual(["slack", "teams"]);
});

test("one app more takes the place of one that is not in use, where there is no room", () => {
  const chosen = withApp(["slack", "teams"], [], "webex", "slack");
  expect(chosen).toEqual(["teams", "slack", "webex"]);
  expect(shownOf(ALL, chosen, 2)).toEqual(["slack", "webex"]);
  expect(shownOf(ALL, chosen, 3)).toEqual(["slack", "teams", "webex"]);
  expect(withApp(["slack", "teams"], [], "zoom", null)).toEqual(["slack", "teams", "zoom"]);
});

test("a small window has room for two, a large one for all", () => {
  expect([512, 1024, 1299, 1300, 1540, 1600].map(roomIn)).toEqual([2, 2, 2, 3, 4, 4]);
});
