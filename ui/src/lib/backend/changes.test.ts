import { expect, test } from "vitest";

import { oneAtATime } from "./changes";

/** Work that ends when it is told to. */
function work() {
  const ends: (() => void)[] = [];
  const run = () => new Promise<void>((end) => ends.push(end));
  return { run, ends };
}

const settled = () => new Promise((done) => setImmediate(done));

test("changes during a refresh make one more of it, not many", async () => {
  const { run, ends } = work();
  const changed = oneAtATime(run, () => Promise.resolve());
  void changed();
  void changed();
  void changed();
  expect(ends).toHaveLength(1);
  ends[0]?.();
  await settled();
  expect(ends).toHaveLength(2);
  ends[1]?.();
  await settled();
  expect(ends).toHaveLength(2);
});

test("after a refresh that failed the next change is still heard", async () => {
  let runs = 0;
  const changed = oneAtATime(
    () => {
      runs += 1;
      return Promise.reject(new Error("gone"));
    },
    () => Promise.resolve(),
  );
  await changed().catch(() => undefined);
  await changed().catch(() => undefined);
  expect(runs).toBe(2);
});
