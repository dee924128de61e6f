import { listen } from "@tauri-apps/api/event";
import { getCurrentWebview } from "@tauri-apps/api/webview";

import { command } from "./client";

/** Told by the shell when closing the window would end the program: there is no tray to go on in. */
const CLOSING = "closing";

/** @returns how to stop listening. */
export function onClosing(asked: () => void): Promise<() => void> {
  return listen(CLOSING, asked);
}

/** Ends the program. */
export function quit(): Promise<void> {
  return command("quit", {});
}

/** Draws the window this many times as large, 1 being its usual size. */
export async function zoom(scale: number): Promise<void> {
  await getCurrentWebview().setZoom(scale);
}
