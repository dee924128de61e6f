import { href, type Page, pageRoute } from "./router";

/** Where the sandbox is. */
export const SANDBOX = "#/sandbox";

const page = (name: Page) => href(pageRoute(name));

/** Where the window goes when one of these is pressed after `g`. */
export const GO_TO: Readonly<Record<string, string>> = {
  h: page("home"),
  p: page("platforms"),
  e: page("people"),
  a: page("activity"),
  x: SANDBOX,
  s: page("settings"),
};

/** The second key has to follow within this time. */
const WITHIN_MS = 1_500;

/** When `g` was pressed, while a second key is awaited. */
export type Going = number | null;

/** What a key that was pressed at `now` means after what was pressed before it. */
export function goKey(going: Going, key: string, now: number): { going: Going; to: string | null } {
  if (key === "g") return { going: now, to: null };
  const awaited = going !== null && now - going <= WITHIN_MS;
  return { going: null, to: awaited ? (GO_TO[key] ?? null) : null };
}
