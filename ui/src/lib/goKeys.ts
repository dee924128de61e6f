import { type Page } from "./router";

/** Where the window goes when one of these is pressed after `g`. */
export const GO_TO: Readonly<Record<string, Page>> = {
  h: "home",
  p: "platforms",
  e: "people",
  a: "activity",
  x: "sandbox",
  s: "settings",
};

/** The second key has to follow within this time. */
const WITHIN_MS = 1_500;

/** When `g` was pressed, while a second key is awaited. */
export type Going = number | null;

/** What a key that was pressed at `now` means after what was pressed before it. */
export function goKey(going: Going, key: string, now: number): { going: Going; to: Page | null } {
  if (key === "g") return { going: now, to: null };
  const awaited = going !== null && now - going <= WITHIN_MS;
  return { going: null, to: awaited ? (GO_TO[key] ?? null) : null };
}
