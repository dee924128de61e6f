import {
  infiniteQueryOptions,
  keepPreviousData,
  QueryClient,
  queryOptions,
} from "@tanstack/svelte-query";

import type { ListActivity, ListPeople } from "./bindings";
import { call } from "./client";

const PAGE = 200;

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

export type PeopleFilter = Pick<ListPeople, "search" | "state">;

export function peopleQuery(filter: PeopleFilter) {
  return infiniteQueryOptions({
    queryKey: ["people", filter],
    queryFn: ({ pageParam }) => call("list_people", { ...filter, after: pageParam, limit: PAGE }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
}

/** How many people there are, without reading them. */
export function peopleCountQuery(filter: PeopleFilter) {
  return queryOptions({
    queryKey: ["people-count", filter],
    queryFn: async () =>
      (await call("list_people", { ...filter, after: null, limit: 1 })).total,
    placeholderData: keepPreviousData,
  });
}

export type ActivityFilter = Pick<ListActivity, "state" | "platform" | "person">;

export function activityQuery(filter: ActivityFilter) {
  return infiniteQueryOptions({
    queryKey: ["activity", filter],
    queryFn: ({ pageParam }) => call("list_activity", { ...filter, before: pageParam, limit: PAGE }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });
}
