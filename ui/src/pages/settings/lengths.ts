import { strings } from "../../lib/strings";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export type Length = { value: string; name: string };

/** The lengths to choose from, with the one that holds now where it is none of them. */
export function lengths(choices: number[], now: number, zero?: string): Length[] {
  const all = choices.includes(now) ? choices : [...choices, now].sort((a, b) => a - b);
  return all.map((ms) => ({ value: String(ms), name: ms === 0 && zero ? zero : words(ms) }));
}

export const CONSENT_WAITS = [0, 12 * HOUR, DAY, 3 * DAY, 7 * DAY, 14 * DAY];
export const CATCH_UPS = [HOUR, DAY, 7 * DAY, 14 * DAY, 30 * DAY];
export const LEDGERS = [30 * DAY, 90 * DAY, 180 * DAY, 365 * DAY];

/** Told in the largest unit that leaves no rest. */
function words(ms: number): string {
  const { days, hours, minutes, seconds } = strings.settings.lengths;
  if (ms % DAY === 0) return days(ms / DAY);
  if (ms % HOUR === 0) return hours(ms / HOUR);
  return ms % 60_000 === 0 ? minutes(ms / 60_000) : seconds(Math.round(ms / 1_000));
}
