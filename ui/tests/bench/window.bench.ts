/*
 * From starting the program to its first page, beside the same program with a blank page. Both are
 * started by the same driver, on the same display and with the same folders, in turns.
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { test } from "vitest";

import { Surroundings } from "./desktop";
import { against, print } from "./figures";

const BINARY =
  process.env.CAUSEWAY_DESKTOP ??
  fileURLToPath(new URL("../../../target/release/causeway-desktop", import.meta.url));

const ROUNDS = 7;
const MOST_TIMES = 1.5;

const FIRST_PAGE = { text: "Nothing is connected yet", env: {} };
const BLANK_PAGE = { text: "ready", env: { CAUSEWAY_BLANK_PAGE: "1" } };

test("the window's first page is measured beside a blank one", async () => {
  if (!existsSync(BINARY)) throw new Error(`${BINARY} is missing: scripts/bench-desktop.sh builds it`);
  const surroundings = await Surroundings.make();
  const time = ({ text, env }: typeof FIRST_PAGE | typeof BLANK_PAGE) =>
    surroundings.timeUntil(BINARY, text, env);
  const taken = { first: [] as number[], blank: [] as number[] };
  try {
    // Makes the data folder, and has the system read what both need.
    await time(FIRST_PAGE);
    await time(BLANK_PAGE);
    for (let round = 0; round < ROUNDS; round += 1) {
      taken.first.push(await time(FIRST_PAGE));
      taken.blank.push(await time(BLANK_PAGE));
    }
  } finally {
    await surroundings.clear();
  }
  print([against("window_ready_ms", "ms", taken.first, taken.blank, MOST_TIMES, "blank page")]);
});
