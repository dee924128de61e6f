import { createMutation, createQuery, useIsMutating, useQueryClient } from "@tanstack/svelte-query";

import type { Platform, PreflightReport, Timestamp } from "../../lib/backend/bindings";
import { call } from "../../lib/backend/client";
import { preflightQuery } from "../../lib/backend/queries";
import { currentTime } from "../../lib/now.svelte";
import { isAwaited } from "./checks";

/**
 * What the last check of a platform found, and the way to check it now. Whoever else shows the same
 * platform sees that it is being checked.
 *
 * @param awaited when it was connected, where the hub is to check it by itself since then.
 */
export function checking(platform: () => Platform, awaited: () => Timestamp | null) {
  const queries = useQueryClient();
  const mutationKey = ["check", platform()];
  const query = createQuery(() => preflightQuery);
  const underWay = useIsMutating({ mutationKey });
  const check = createMutation(() => ({
    mutationKey,
    mutationFn: () => call("run_preflight", { platform: platform() }),
    onSuccess: (fresh: PreflightReport[]) =>
      queries.setQueryData(preflightQuery.queryKey, (known) => merged(known ?? [], fresh)),
  }));
  const report = $derived(query.data?.find((one) => one.platform === platform()));
  return {
    query,
    get report() {
      return report;
    },
    /** Whether it is being checked because somebody has asked for it. */
    get running() {
      return underWay.current > 0;
    },
    /** Whether the hub is to check it by itself, and has not yet. */
    get awaited() {
      return isAwaited(report, awaited(), currentTime());
    },
    run: () => check.mutate(),
    /** Why it could not be checked; null where it was not asked for here or is being done. */
    get error() {
      return check.isError ? check.error : null;
    },
  };
}

function merged(known: PreflightReport[], fresh: PreflightReport[]): PreflightReport[] {
  const anew = (old: PreflightReport) =>
    fresh.some(({ connection }) => connection === old.connection);
  return [...known.filter((old) => !anew(old)), ...fresh];
}
