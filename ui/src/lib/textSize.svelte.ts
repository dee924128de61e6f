import { zoom } from "./backend/shell";

/** How large everything is drawn, in hundredths of its usual size. */
export const TEXT_SIZES = ["100", "125", "150", "175", "200"] as const;
export type TextSize = (typeof TEXT_SIZES)[number];

const KEY = "causeway.textSize";

let size = $state<TextSize>("100");

export function currentTextSize(): TextSize {
  return size;
}

export function chooseTextSize(chosen: TextSize): void {
  localStorage.setItem(KEY, chosen);
  apply(chosen);
}

/** Applies what was chosen when the window was last open. */
export function restoreTextSize(): void {
  const stored = localStorage.getItem(KEY);
  const known = TEXT_SIZES.find((one) => one === stored);
  if (known !== undefined && known !== "100") apply(known);
}

/** The window's own zoom: pages are laid out anew for the room that is left. */
function apply(chosen: TextSize): void {
  size = chosen;
  // A browser without the shell has a zoom of its own.
  zoom(Number(chosen) / 100).catch(() => undefined);
}
