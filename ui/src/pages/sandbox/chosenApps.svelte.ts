import type { Platform } from "../../lib/backend/bindings";
import { PLATFORMS } from "../../lib/words";

const KEY = "causeway.apps";

let chosen = $state.raw<Platform[]>(kept());

/** Whose apps somebody wants to see side by side, the last chosen last; kept for the next time. */
export function chosenApps(): readonly Platform[] {
  return chosen;
}

export function chooseApps(apps: Platform[]): void {
  localStorage.setItem(KEY, apps.join(" "));
  chosen = apps;
}

function kept(): Platform[] {
  const words = localStorage.getItem(KEY)?.split(" ") ?? [];
  return words.flatMap((word) => PLATFORMS.find((platform) => platform === word) ?? []);
}
