import { listen } from "@tauri-apps/api/event";
import { getCurrentWebview } from "@tauri-apps/api/webview";

import { worldShown } from "../world";
import type { ServiceSignInId } from "./bindings";
import { command } from "./client";

/** Told by the shell when closing the window would end the program: there is no tray to go on in. */
const CLOSING = "closing";

/** @returns how to stop listening. */
export function onClosing(asked: () => void): Promise<() => void> {
  return listen(CLOSING, asked);
}

/** Told by the shell when a `causeway://` link was opened. */
const LINK = "link";

/**
 * Goes wherever a link wants the window to go, also the one that the program was started with.
 *
 * @returns how to stop listening.
 */
export async function followLinks(goTo: (hash: string) => void): Promise<() => void> {
  const follow = async () => {
    const hash = await command<string | null>("take_link", {});
    if (hash !== null) {
      goTo(hash);
    }
  };
  const stop = await listen(LINK, () => void follow());
  // What was opened before we listened was told to nobody.
  await follow();
  return stop;
}

/** What this desktop does with the program. */
export type DesktopSettings = {
  /** The id that the system gives this process. */
  process: number;
  /** Whether it is started when its user signs in; none where this system cannot. */
  start_at_login: boolean | null;
  /** Why it cannot, in words. */
  start_at_login_problem: string | null;
  /** Whether the desktop tells of what needs a person. */
  notifications: boolean;
  /** Whether the program goes on in a tray when its window is closed. */
  tray: boolean;
};

/** What is not given stays as it is. */
export type DesktopChange = { start_at_login?: boolean; notifications?: boolean };

export function getDesktop(): Promise<DesktopSettings> {
  return command("get_desktop", {});
}

export function setDesktop(change: DesktopChange): Promise<DesktopSettings> {
  return command("set_desktop", { change });
}

/** Opens the page of a sign-in in this computer's browser. */
export function openSignIn(id: ServiceSignInId): Promise<null> {
  return command("open_sign_in", { world: worldShown(), id });
}

/** Ends the program. */
export function quit(): Promise<void> {
  return command("quit", {});
}

/** Draws the window this many times as large, 1 being its usual size. */
export async function zoom(scale: number): Promise<void> {
  await getCurrentWebview().setZoom(scale);
}
