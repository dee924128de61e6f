import { listen } from "@tauri-apps/api/event";

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
