import { listen } from "@tauri-apps/api/event";
import { type Query, type QueryClient, queryOptions } from "@tanstack/svelte-query";

import type { Platform } from "./bindings";
import { call, command } from "./client";
import type {
  Breakage,
  Conversation,
  FoundPerson,
  PromptAnswer,
  PromptAnswered,
  SandboxDeed,
  SandboxReport,
} from "./sandbox-bindings";

/** Told by the shell when the sandbox, or what is broken in it, may have changed. */
const SANDBOX = "sandbox";

/** How often people look at their chat apps while these are shown. */
const GLANCE_MS = 400;

/** How often the sandbox is asked how far it has come while it starts or stops. */
const PASSING_MS = 500;

/** How many of the last messages' journeys can be looked at. */
export const JOURNEYS = 5;

/** Among so many deliveries the last messages are looked for: there are notes and openings, too. */
const RECENT = 30;

export const sandboxQuery = queryOptions({
  queryKey: ["sandbox"],
  queryFn: () => command<SandboxReport>("sandbox_report", {}),
  refetchInterval: (query) => (isPassing(query.state.data) ? PASSING_MS : false),
});

function isPassing(report: SandboxReport | undefined): boolean {
  return (
    report?.state === "starting" || report?.state === "stopping" || report?.hub === "starting"
  );
}

/** What somebody sees in their own app on a platform. */
export function lookQuery(email: string, platform: Platform) {
  return queryOptions({
    queryKey: ["look", platform, email],
    queryFn: () => command<Conversation[]>("sandbox_look", { email, platform }),
    refetchInterval: GLANCE_MS,
  });
}

/** Whom somebody finds with the people search of their own app. */
export function findQuery(email: string, platform: Platform, query: string) {
  return queryOptions({
    queryKey: ["find", platform, email, query],
    queryFn: () => command<FoundPerson[]>("sandbox_find", { email, platform, query }),
  });
}

/** The last messages that the sandbox's hub carries, the newest first. */
export const journeysQuery = queryOptions({
  queryKey: ["journeys"],
  queryFn: async () => {
    const filter = { state: null, reason: null, platform: null, person: null, of: null };
    const args = { filter, before: null, limit: RECENT };
    const { entries } = await call("list_activity", args, "sandbox");
    return entries.filter(({ operation }) => CARRIED.includes(operation)).slice(0, JOURNEYS);
  },
});

/** What people do, as against what the hub does of its own. */
const CARRIED: readonly string[] = ["post", "edit", "delete"];

/** Starting takes some seconds, in which the report says so. */
export function startSandbox(): Promise<SandboxReport> {
  return command("sandbox_start", {});
}

/** Everything in it is forgotten. */
export function stopSandbox(): Promise<SandboxReport> {
  return command("sandbox_stop", {});
}

/** @returns the id of the message that was written, or that something was done to. */
export function act(deed: SandboxDeed): Promise<string> {
  return command("sandbox_act", { deed });
}

/** Answers the consent request that stands last before somebody on a platform. */
export function answerPrompt(args: {
  email: string;
  platform: Platform;
  answer: PromptAnswer;
}): Promise<PromptAnswered> {
  return command("sandbox_answer", args);
}

export function breakSandbox(breakage: Breakage): Promise<SandboxReport> {
  return command("sandbox_break", { breakage });
}

/**
 * Keeps what is known of the sandbox up to date for as long as the window is open.
 *
 * @returns how to stop.
 */
export function followSandbox(queries: QueryClient): Promise<() => void> {
  const { queryKey } = sandboxQuery;
  return listen(SANDBOX, () => void queries.invalidateQueries({ queryKey }));
}

/** What was read of a sandbox that is gone is not shown in the one that is started after it. */
export function forgetSandbox(queries: QueryClient): void {
  queries.removeQueries({ predicate: isOfItsHub });
}

function isOfItsHub(query: Query): boolean {
  return query.queryKey[0] !== sandboxQuery.queryKey[0];
}
