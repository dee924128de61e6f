import type { QueryClient } from "@tanstack/svelte-query";

import { breakSandbox, sandboxQuery, startSandbox } from "../../lib/backend/sandbox";
import type { SandboxReport } from "../../lib/backend/sandbox-bindings";
import { strings } from "../../lib/strings";
import type { Absent } from "./commands";

const words = strings.sandbox;

/** Why the sandbox has no hub to be asked, and what starts one; nothing where it has. */
export function absentHub(
  report: SandboxReport | undefined,
  queries: QueryClient,
): Absent | undefined {
  if (report?.state !== "running") {
    const state = report?.state ?? "stopped";
    const passing = state === "starting" || state === "stopping";
    const cannot = passing ? words.states[state] : undefined;
    return { why: words.states[state], name: words.start, cannot, start: () => start(queries) };
  }
  if (report.hub === "running") return undefined;
  const starting = report.hub === "starting" ? words.breaking.restarting : undefined;
  return {
    why: starting ?? words.hubGone,
    name: words.breaking.restart,
    cannot: starting,
    start: () => restart(queries),
  };
}

async function start(queries: QueryClient): Promise<void> {
  try {
    await startSandbox();
  } finally {
    await queries.invalidateQueries({ queryKey: sandboxQuery.queryKey });
  }
}

async function restart(queries: QueryClient): Promise<void> {
  queries.setQueryData(sandboxQuery.queryKey, await breakSandbox({ kind: "start_hub" }));
}
