import { listen } from "@tauri-apps/api/event";
import type { InfiniteData, Query, QueryClient } from "@tanstack/svelte-query";

import type { World } from "../world";

/** Told by the shell when something has changed in a world, or when its hub was lost or found again. */
const CHANGED = "changed";

/** No more than one refresh in this time, however many changes there are. */
const PAUSE_MS = 250;

/** A longer list than this is not read again by itself: it says that there is something newer. */
const PAGES_KEPT_FRESH = 5;

/**
 * Keeps what the queries have read up to date for as long as the window is open.
 *
 * @returns how to stop.
 */
export async function followChanges(queries: Record<World, QueryClient>): Promise<() => void> {
  const pause = () => new Promise<void>((done) => setTimeout(done, PAUSE_MS));
  const changed: Record<World, () => Promise<void>> = {
    own: oneAtATime(() => refresh(queries.own), pause),
    sandbox: oneAtATime(() => refresh(queries.sandbox), pause),
  };
  const stop = await listen<World | null>(
    CHANGED,
    ({ payload }) => void changed[payload ?? "own"](),
  );
  // What changed before we listened was told to nobody.
  void changed.own();
  void changed.sandbox();
  return stop;
}

/**
 * `work`, never twice at once: while it runs, further calls are remembered as one.
 * A slow refresh is thus never starved by the changes that arrive meanwhile.
 */
export function oneAtATime(
  work: () => Promise<void>,
  pause: () => Promise<void>,
): () => Promise<void> {
  let running = false;
  let again = false;
  return async () => {
    if (running) {
      again = true;
      return;
    }
    running = true;
    try {
      do {
        again = false;
        await work();
        await pause();
      } while (again);
    } finally {
      running = false;
    }
  };
}

async function refresh(queries: QueryClient): Promise<void> {
  await queries.invalidateQueries({ predicate: standsStill, refetchType: "none" });
  await queries.invalidateQueries({ predicate: (query) => !standsStill(query) });
}

/**
 * What is long, stands still under its reader, or is costly: that is read again by hand, or after a
 * while.
 */
function standsStill(query: Query): boolean {
  const { calm, still } = query.meta ?? {};
  return calm === true || still === true || isLongList(listOf(query));
}

function listOf(query: Query): Partial<InfiniteData<unknown>> | undefined {
  return query.state.data as Partial<InfiniteData<unknown>> | undefined;
}

/** Whether a list is too long to be read again by itself. */
export function isLongList(data: Partial<InfiniteData<unknown>> | undefined): boolean {
  return Array.isArray(data?.pages) && data.pages.length > PAGES_KEPT_FRESH;
}
