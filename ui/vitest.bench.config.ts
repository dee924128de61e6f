import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/bench/**/*.bench.ts"],
    environment: "node",
    // What is measured has the machine to itself.
    fileParallelism: false,
    testTimeout: 30 * 60_000,
    hookTimeout: 60_000,
    // The tables go to the terminal as they are.
    disableConsoleIntercept: true,
  },
});
