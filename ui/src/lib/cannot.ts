import type { ConnectionView, JobView, StatusReport } from "./backend/bindings";
import { strings } from "./strings";

/** Why the relay can be neither paused nor resumed now; it can where nothing is told. */
export function cannotPause(status: StatusReport | undefined, failing: boolean): string | undefined {
  const words = strings.pause;
  if (failing || status === undefined) return words.notNow;
  const paused = status.paused_since !== null;
  if (!paused && status.role === "idle") return words.idle;
  return paused || status.connections.length > 0 ? undefined : words.nothingConnected;
}

/** Why people cannot be imported now; they can where nothing is told. */
export function cannotImport(
  connections: ConnectionView[] | undefined,
  jobs: JobView[] | undefined,
): string | undefined {
  const words = strings.people;
  if (jobs?.some((job) => job.kind === "import" && job.ended_at === null)) return words.importing;
  return connections?.length === 0 ? words.nothingConnected : undefined;
}
