// Records every call of the story in which people of all four platforms write to people of each
// other, while posts fail and the hub is killed: `causeway demo --story matrix`. What became of the
// messages is the demo's own affair. Usage: node tests/strangers/record_matrix.mjs SEED RECORD.jsonl

import { existsSync, readFileSync } from "node:fs";

import { Hub, check, main } from "./hub.mjs";

const PLATFORMS = ["slack", "teams", "webex", "zoom"];
// That of a story whose messages did not all arrive as they should.
const NOT_AS_IT_SHOULD = 5;

function lines(record) {
  return existsSync(record) ? readFileSync(record, "utf8").trim().split("\n") : [];
}

await main("the story of all platforms is recorded", async () => {
  const [seed, record] = process.argv.slice(2);
  check(seed && record, "usage: record_matrix.mjs SEED RECORD.jsonl");
  const before = lines(record).length;
  const hub = new Hub();
  // The demo's sandbox is a process of its own, to which this comes down.
  hub.env.CAUSEWAY_RECORD = record;
  const { code, stdout, stderr } = await hub.run("demo", "--story", "matrix", "--seed", seed);
  await hub.forget();
  check(code === 0 || code === NOT_AS_IT_SHOULD, `the demo ended with ${code}: ${stdout}${stderr}`);
  const calls = lines(record).slice(before).map((line) => JSON.parse(line));
  for (const platform of PLATFORMS) {
    const count = calls.filter((call) => call.platform === platform).length;
    check(count > 0, `no call to ${platform} is in ${record}`);
  }
  return `${calls.length} calls, the story ended with ${code}`;
});
