import type { QueryClient } from "@tanstack/svelte-query";

import type { SetPaused, StatusReport } from "./bindings";
import { call } from "./client";
import { connectionsQuery, statusQuery } from "./queries";

/** Pausing and resuming; what the hub answers is shown at once. */
export function pausing(queries: QueryClient) {
  return {
    mutationFn: (args: SetPaused) => call("set_paused", args),
    onSuccess: (status: StatusReport) => {
      queries.setQueryData(statusQuery.queryKey, status);
      queries.setQueryData(connectionsQuery.queryKey, status.connections);
    },
  };
}
