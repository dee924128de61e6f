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
  ServiceSignInId,
  StatsSpan,
} from "./bindings";
import type { World } from "../world";
import { type Args, call, type Call, type Reply } from "./client";
import { getDesktop } from "./shell";

const PAGE = 200;
const NO_FILTER = { state: null, reason: null, platform: null, person: null, of: null };

const worlds = new WeakMap<QueryClient, World>();

/** Reads in the world that the client belongs to, also after the window has gone to the other. */
function read<C extends Call>(client: QueryClient, name: C, args: Args<C>): Promise<Reply<C>> {
  return call(name, args, worlds.get(client));
}

/**
 * What was read in one world, and nothing of the other. It stays good until the hub says that
 * something has changed.
 */
export function newQueryClient(world: World): QueryClient {
  const client = new QueryClient({
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
  worlds.set(client, world);
  return client;
}

export const statusQuery = queryOptions({
  queryKey: ["status"],
  queryFn: ({ client }) => read(client, "get_status", {}),
});

export const connectionsQuery = queryOptions({
  queryKey: ["connections"],
  queryFn: ({ client }) => read(client, "list_connections", {}),
});

/** What does not go on without a person. */
export const needsQuery = queryOptions({
  queryKey: ["needs"],
  queryFn: ({ client }) => read(client, "get_needs", {}),
});

export function statsQuery(span: StatsSpan) {
  return queryOptions({
    queryKey: ["stats", span],
    queryFn: ({ client }) => read(client, "get_stats", { span }),
    placeholderData: keepPreviousData,
  });
}

/** How often a sign-in is looked at that is waited for, where nothing is heard of it. */
const SIGN_IN_MS = 1_000;

/** How far a sign-in of the service account is, where there is one. */
export function serviceSignInQuery(id: ServiceSignInId | null) {
  return queryOptions({
    queryKey: ["service-sign-in", id],
    queryFn: ({ client }) => read(client, "get_service_sign_in", { id: id ?? "" }),
    enabled: id !== null,
    gcTime: 0,
    refetchInterval: ({ state }) => (state.data?.state.kind === "waiting" ? SIGN_IN_MS : false),
  });
}

export const capabilitiesQuery = queryOptions({
  queryKey: ["capabilities"],
  queryFn: ({ client }) => read(client, "list_capabilities", {}),
});

/** What the last checks found. */
export const preflightQuery = queryOptions({
  queryKey: ["preflight"],
  queryFn: ({ client }) => read(client, "get_preflight", {}),
});

/** It is part of the program: it does not change while that runs. */
export const slackManifestQuery = queryOptions({
  queryKey: ["slack-manifest"],
  queryFn: ({ client }) => read(client, "get_slack_manifest", {}),
  meta: { still: true },
});

export const policyQuery = queryOptions({
  queryKey: ["policy"],
  queryFn: ({ client }) => read(client, "get_policy", {}),
});

export const addressQuery = queryOptions({
  queryKey: ["address"],
  queryFn: ({ client }) => read(client, "get_address", {}),
});

export const desktopQuery = queryOptions({
  queryKey: ["desktop"],
  queryFn: getDesktop,
});

export function disconnectPreviewQuery(platform: Platform) {
  return queryOptions({
    queryKey: ["preview-disconnect", platform],
    queryFn: ({ client }) => read(client, "preview_disconnect", { platform }),
  });
}

export function peopleQuery(filter: PeopleFilter) {
  return infiniteQueryOptions({
    queryKey: ["people", filter],
    queryFn: ({ client, pageParam }) => read(client, "list_people", { filter, after: pageParam, limit: PAGE }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
}

/** How many of those who are not paired yet have an account of their own on two platforms. */
export type OnTwo = { one: Platform; other: Platform; able: number; rest: number };

/** Counts them for each two of these platforms. */
export function peopleOnTwoQuery(platforms: Platform[]) {
  const filter = { search: null, view: "unpaired", primary: null, secondary: null, mode: null } as const;
  const readTwo = async (client: QueryClient, one: Platform, other: Platform): Promise<OnTwo> => {
    const args = { who: { matching: filter }, primary: one, secondary: other, wish: "full" } as const;
    const { summary } = await read(client, "preview_bulk", args);
    return { one, other, able: summary.full, rest: summary.problems };
  };
  return queryOptions({
    queryKey: ["people-on-two", platforms],
    queryFn: ({ client }) =>
      Promise.all(
        platforms.flatMap((one, nth) =>
          platforms.slice(nth + 1).map((other) => readTwo(client, one, other)),
        ),
      ),
    meta: { calm: true },
    refetchInterval: (query) => (query.state.isInvalidated ? CALM_MS : false),
  });
}

const FEW_PAIRED = 20;

/** A few of those who are paired and work on each of these platforms. */
export function somePairedQuery(platforms: Platform[]) {
  const filter = { search: null, view: "paired", secondary: null, mode: null } as const;
  const readOne = (client: QueryClient, primary: Platform) =>
    read(client, "list_people", { filter: { ...filter, primary }, after: null, limit: FEW_PAIRED });
  return queryOptions({
    queryKey: ["some-paired", platforms],
    queryFn: async ({ client }) => {
      const pages = await Promise.all(platforms.map((primary) => readOne(client, primary)));
      return pages.flatMap(({ people }) => people);
    },
  });
}

/** The newest of what was carried, to find the first message among it. */
export const firstMessageQuery = queryOptions({
  queryKey: ["first-message"],
  queryFn: ({ client }) => read(client, "list_activity", { filter: NO_FILTER, before: null, limit: PAGE }),
});

const FOUND = 8;

/** The first few who have this in their name or address. */
export function peopleFoundQuery(search: string) {
  const filter = { search, view: "any", primary: null, secondary: null, mode: null } as const;
  return queryOptions({
    queryKey: ["people-found", search],
    queryFn: ({ client }) => read(client, "list_people", { filter, after: null, limit: FOUND }),
  });
}

/** How often what is costly to count is counted again while things change. */
const CALM_MS = 3_000;

/** How many people there are in each view. */
export function peopleCountsQuery(filter: PeopleFilter) {
  return queryOptions({
    queryKey: ["people-counts", filter],
    queryFn: ({ client }) => read(client, "count_people", { filter }),
    placeholderData: keepPreviousData,
    meta: { calm: true },
    refetchInterval: (query) => (query.state.isInvalidated ? CALM_MS : false),
  });
}

export function personQuery(person: PersonId) {
  return queryOptions({
    queryKey: ["person", person],
    queryFn: ({ client }) => read(client, "get_person", { person }),
  });
}

export function suggestionsQuery(aside: boolean) {
  return infiniteQueryOptions({
    queryKey: ["suggestions", aside],
    queryFn: ({ client, pageParam }) => read(client, "list_suggestions", { aside, after: pageParam, limit: 50 }),
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
    queryFn: ({ client }) => read(client, "preview_bulk", args),
  });
}

export function unpairingPreviewQuery(args: PreviewUnpairing) {
  return queryOptions({
    queryKey: ["preview-unpairing", args],
    queryFn: ({ client }) => read(client, "preview_unpairing", args),
  });
}

export const jobsQuery = queryOptions({
  queryKey: ["jobs"],
  queryFn: ({ client }) => read(client, "list_jobs", {}),
});

export function activityQuery(filter: ActivityFilter) {
  return infiniteQueryOptions({
    queryKey: ["activity", filter],
    queryFn: ({ client, pageParam }) => read(client, "list_activity", { filter, before: pageParam, limit: PAGE }),
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
    queryFn: ({ client }) => read(client, "list_activity", { filter, before: null, limit: RECENT }),
  });
}

export function deliveryQuery(delivery: DeliveryId) {
  return queryOptions({
    queryKey: ["delivery", delivery],
    queryFn: ({ client }) => read(client, "get_delivery", { delivery }),
  });
}
