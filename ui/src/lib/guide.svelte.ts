const KEY = "causeway.guide";
const HIDDEN = "hidden";

let hidden = $state(localStorage.getItem(KEY) === HIDDEN);
let watched = $state(false);

/** Whether the person has put the first-run guide away. */
export function isGuideHidden(): boolean {
  return hidden;
}

export function hideGuide(): void {
  localStorage.setItem(KEY, HIDDEN);
  hidden = true;
}

export function showGuide(): void {
  localStorage.removeItem(KEY);
  hidden = false;
}

/** Whether the guide was seen since the window opened: then its end is news. */
export function isGuideWatched(): boolean {
  return watched;
}

export function watchGuide(): void {
  watched = true;
}
