import { strings } from "./strings";

/** A Mac's Ctrl K deletes text, and its commands have a key of their own. */
const isMac = () => navigator.userAgent.includes("Mac OS");

/** What opens the search, as this computer's keyboard names it. */
export function searchKeys(): string {
  const { mac, others } = strings.palette.shortcut;
  return isMac() ? mac : others;
}

/** Whether a key press opens the search, also while something is typed. */
export function opensSearch(event: KeyboardEvent): boolean {
  const held = isMac() ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey;
  return held && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k";
}
