import { invoke } from "@tauri-apps/api/core";

import { type World, worldShown } from "../world";
import type { Calls } from "./bindings";
import { asHubError, HubFailure } from "./errors";

export type Call = keyof Calls;
export type Args<C extends Call> = Calls[C]["args"];
export type Reply<C extends Call> = Calls[C]["reply"];

/**
 * Carries one use case out in the hub of a world: of the one shown, where none is named.
 *
 * @throws {HubFailure} whatever went wrong, in the hub or on the way to it.
 */
export async function call<C extends Call>(
  call: C,
  args: Args<C>,
  world: World = worldShown(),
): Promise<Reply<C>> {
  const reply = await command<{ call: string; reply: Reply<C> }>("call", {
    world,
    request: { call, args },
  });
  if (reply.call !== call) {
    throw new HubFailure(asHubError(`the reply to ${call} was one to ${reply.call}`));
  }
  return reply.reply;
}

/**
 * Opens the data folder again after that failed; does nothing where it is open.
 *
 * @throws {HubFailure} when it still cannot be opened.
 */
export async function openHub(): Promise<void> {
  await command<null>("open_hub", { world: worldShown() });
}

/** Calls a command of the shell itself. */
export async function command<T>(name: string, args: Record<string, unknown>): Promise<T> {
  try {
    return await invoke<T>(name, args);
  } catch (thrown) {
    throw new HubFailure(asHubError(thrown));
  }
}
