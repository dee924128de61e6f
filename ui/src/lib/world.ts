/** Whose hub the window shows: the organisation's own, or that of the sandbox. */
export type World = "own" | "sandbox";

/** The world that a hash belongs to: the sandbox's begin with `#/sandbox`. */
export function worldOf(hash: string): World {
  return /^#?\/?sandbox(?=[/?]|$)/.test(hash) ? "sandbox" : "own";
}

/** The world that the window shows now. The address alone says it, so that nothing can disagree. */
export function worldShown(): World {
  return worldOf(globalThis.location?.hash ?? "");
}
