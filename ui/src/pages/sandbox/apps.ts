import type { Platform } from "../../lib/backend/bindings";

/** Fewer would show a message leave, and nowhere arrive. */
export const FEWEST = 2;

/** How many apps of a width in which one writes find room beside one another. */
export function roomIn(width: number): number {
  if (width >= 1540) return 4;
  return width >= 1300 ? 3 : FEWEST;
}

/**
 * The apps that stand side by side, in the order of the platforms.
 *
 * @param chosen what somebody wants to see, the last chosen last: it stays where there is no room for all.
 */
export function shownOf(platforms: Platform[], chosen: readonly Platform[], room: number): Platform[] {
  const known = chosen.filter((one) => platforms.includes(one));
  const others = platforms.filter((one) => !known.includes(one));
  // Whoever has chosen too few sees the first ones as well.
  const wanted = [...others.slice(0, Math.max(0, FEWEST - known.length)), ...known].slice(-room);
  return platforms.filter((one) => wanted.includes(one));
}

/** With one app more; of those that give way, the one that is in use is the last. */
export function withApp(
  shown: Platform[],
  chosen: readonly Platform[],
  app: Platform,
  used: Platform | null,
): Platform[] {
  const all = [...chosen.filter((one) => !shown.includes(one)), ...shown];
  const rest = all.filter((one) => one !== app && one !== used);
  return [...rest, ...(used !== null && all.includes(used) && used !== app ? [used] : []), app];
}
