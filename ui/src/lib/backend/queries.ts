import {
  infiniteQueryOptions,
  keepPreviousData,
  QueryClient,
  queryOptions,
} from "@tanstack/svelte-query";

import type {
  ActivityFilter,
  DeliveryId,
  PeopleFilter,
  PersonId,
  Platform,
  PreviewBulk,
  PreviewUnpairing,
  StatsSpan,
} from "./bindings";
import { call } from "./client";
import { getDesktop } from "./shell";

const PAGE = 200;
const NO_FILTER = { state: null, reason: null, platform: null, person: null, of: null };

/** What was read stays good until the hub says that something has changed. */
export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: Infinity,
        retry: false,
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
        // The hub is on this machine: whether there is a network is its business.
        networkMode: "always",
      },
      mutations: { retry: false, networkMode: "always" },
    },
  });
}

export const statusQuery = queryOptions({
  queryKey: ["status"],
  queryFn: () => call("get_status", {}),
});

export const connectionsQuery = queryOptions({
  queryKey: ["connections"],
  queryFn: () => call("list_connections", {}),
});

/** What does not go on without a person. */
export const needsQuery = queryOptions({
  queryKey: ["needs"],
  queryFn: () => call("get_needs", {}),
});

export function statsQuery(span: StatsSpan) {
  return queryOptions({
    queryKey: ["stats", span],
    queryFn: () => call("get_stats", { span }),
    placeholderData: keepPreviousData,
  });
}

export const capabilitiesQuery = queryOptions({
  queryKey: ["capabilities"],
  queryFn: () => call("list_capabilities", {}),
});

export const policyQuery = queryOptions({
  queryKey: ["policy"],
  queryFn: () => call("get_policy", {}),
});

export const addressQuery = queryOptions({
  queryKey: ["address"],
  queryFn: () => call("get_address", {}),
});

export const desktopQuery = queryOptions({
  queryKey: ["desktop"],
  queryFn: getDesktop,
});

export function disconnectPreviewQuery(platform: Platform) {
  return queryOptions({
    queryKey: ["preview-disconnect", platform],
    queryFn: () => call("preview_disconnect", { platform }),
  });
}

export function peopleQuery(filter: PeopleFilter) {
  return infiniteQueryOptions({
    queryKey: ["people", filter],
    queryFn: ({ pageParam }) => call("list_people", { filter, after: pageParam, limit: PAGE }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
}

/** Counts those who are not paired yet and have an account of their own on both platforms. */
export function peopleOnBothQuery(primary: Platform, secondary: Platform) {
  const filter = { search: null, view: "unpaired", primary: null, mode: null } as const;
  return queryOptions({
    queryKey: ["people-on-both", primary, secondary],
    queryFn: () =>
      call("preview_bulk", { who: { matching: filter }, primary, secondary, wish: "full" }),
    meta: { calm: true },
    refetchInterval: (query) => (query.state.isInvalidated ? CALM_MS : false),
  });
}

const FEW_PAIRED = 20;

/** A few of those who are paired and work on each of these platforms. */
export function somePairedQuery(platforms: Platform[]) {
  const filter = { search: null, view: "paired", mode: null } as const;
  const readOne = (primary: Platform) =>
    call("list_people", { filter: { ...filter, primary }, after: null, limit: FEW_PAIRED });
  return queryOptions({
    queryKey: ["some-paired", platforms],
    queryFn: async () => (await Promise.all(platforms.map(readOne))).flatMap(({ people }) => people),
  });
}

/** The newest of what was carried, to find the first message among it. */
export const firstMessageQuery = queryOptions({
  queryKey: ["first-message"],
  queryFn: () => call("list_activity", { filter: NO_FILTER, before: null, limit: PAGE }),
});

const FOUND = 8;

/** The first few who have this in their name or address. */
export function peopleFoundQuery(search: string) {
  const filter = { search, view: "any", primary: null, mode: null } as const;
  return queryOptions({
    queryKey: ["people-found", search],
    queryFn: () => call("list_people", { filter, after: null, limit: FOUND }),
  });
}

/** How often what is costly to count is counted again while things change. */
const CALM_MS = 3_000;

/** How many people there are in each view. */
export function peopleCountsQuery(filter: PeopleFilter) {
  return queryOptions({
    queryKey: ["people-counts", filter],
    queryFn: () => call("count_people", { filter }),
    placeholderData: keepPreviousData,
    meta: { calm: true },
    refetchInterval: (query) => (query.state.isInvalidated ? CALM_MS : false),
  });
}

export function personQuery(person: PersonId) {
  return queryOptions({
    queryKey: ["person", person],
    queryFn: () => call("get_person", { person }),
  });
}

export function suggestionsQuery(aside: boolean) {
  return infiniteQueryOptions({
    queryKey: ["suggestions", aside],
    queryFn: ({ pageParam }) => call("list_suggestions", { aside, after: pageParam, limit: 50 }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    meta: { calm: true },
    refetchInterval: (query) => (query.state.isInvalidated ? CALM_MS : false),
  });
}

/** What pairing would do, as far as both platforms are chosen. */
export function pairingPreviewQuery(args: PreviewBulk) {
  return queryOptions({
    queryKey: ["preview-pairing", args],
    queryFn: () => call("preview_bulk", args),
  });
}

export function unpairingPreviewQuery(args: PreviewUnpairing) {
  return queryOptions({
    queryKey: ["preview-unpairing", args],
    queryFn: () => call("preview_unpairing", args),
  });
}

export const jobsQuery = queryOptions({
  queryKey: ["jobs"],
  queryFn: () => call("list_jobs", {}),
});

export function activityQuery(filter: ActivityFilter) {
  return infiniteQueryOptions({
    queryKey: ["activity", filter],
    queryFn: ({ pageParam }) => call("list_activity", { filter, before: pageParam, limit: PAGE }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
}

const RECENT = 8;

/** The last deliveries of one person. */
export function recentQuery(of: PersonId) {
  const filter = { ...NO_FILTER, of };
  return queryOptions({
    queryKey: ["recent", of],
    queryFn: () => call("list_activity", { filter, before: null, limit: RECENT }),
  });
}

export function deliveryQuery(delivery: DeliveryId) {
  return queryOptions({
    queryKey: ["delivery", delivery],
    queryFn: () => call("get_delivery", { delivery }),
  });
}
