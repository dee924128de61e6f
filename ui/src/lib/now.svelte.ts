const EVERY_MS = 15_000;

let now = $state(Date.now());
setInterval(() => {
  now = Date.now();
}, EVERY_MS);

/** The time, moving on every 15 s: often enough for "2 min ago". */
export function currentTime(): number {
  return now;
}
