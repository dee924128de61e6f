/* What the stand-in answers about the desktop itself, and how a test makes single calls fail. */
import type { DesktopChange, DesktopSettings } from "../../src/lib/backend/shell";
import { databaseFailed, forbidden } from "./fixtures";
import type { Scene } from "./stand-in";

declare global {
  // eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- only an interface widens the DOM's own
  interface Window {
    /** Use cases and commands that fail from now on. */
    refused: string[];
    desktop: DesktopSettings;
  }
}

window.refused = [];
window.desktop = {
  process: 4711,
  start_at_login: false,
  start_at_login_problem: null,
  notifications: true,
  tray: true,
};

export function refuseWhatIsRefused(name: string): void {
  if (window.refused.includes(name)) throw databaseFailed;
}

/** The answer to a command about the desktop. */
export function askDesktop(scene: Scene, command: string, payload: unknown): unknown {
  refuseWhatIsRefused(command);
  if (scene === "loading") return new Promise(() => undefined);
  if (scene === "failing") throw databaseFailed;
  if (scene === "forbidden") throw forbidden;
  if (command === "set_desktop") {
    const { change } = payload as { change: DesktopChange };
    window.desktop = { ...window.desktop, ...change };
  }
  return window.desktop;
}
