import type { Platform } from "../../lib/backend/bindings";
import type { IconName } from "../../lib/icons";

export const GROUPS = ["sandbox", "pages", "actions", "people", "deliveries"] as const;
export type Group = (typeof GROUPS)[number];

/** One thing that the palette can do. */
export type Entry = {
  key: string;
  group: Group;
  name: string;
  icon: IconName;
  /** Says more about which one it is. */
  detail?: string;
  /** The keys that do the same. */
  keys?: string;
  /** Where someone has accounts. */
  platforms?: Platform[];
  /** Why it cannot be done now; it can where this is absent. */
  cannot?: string | undefined;
  run: () => unknown;
};

/** Whether every word that was typed is in its name, in any order. */
export function fits(entry: Pick<Entry, "name">, text: string): boolean {
  const name = entry.name.toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => name.includes(word));
}

/** The entry that an arrow key leads to from `at`, going round at both ends; null for other keys. */
export function movedIn(many: number, at: number, key: string): number | null {
  switch (key) {
    case "ArrowDown":
      return many === 0 ? 0 : (at + 1) % many;
    case "ArrowUp":
      return many === 0 ? 0 : (at + many - 1) % many;
    default:
      return null;
  }
}
