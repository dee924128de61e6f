import type {
  DeliveryId,
  DeliveryState,
  PersonId,
  Platform,
  SyncState,
} from "./backend/bindings";
import { DELIVERY_STATES, PLATFORMS, SYNC_STATES } from "./words";

/** Where the window is: the page, its filters and what is open beside them. All of it is in the URL. */
export type Route =
  | { page: "home" }
  | { page: "platforms" }
  | { page: "people"; state: SyncState; search: string; open: PersonId | null }
  | {
      page: "activity";
      state: DeliveryState | null;
      platform: Platform | null;
      person: string;
      open: DeliveryId | null;
    };

export type Page = Route["page"];
export type RouteOf<P extends Page> = Extract<Route, { page: P }>;

export const PAGES: readonly Page[] = ["home", "platforms", "people", "activity"];

/** The route that a hash stands for. Whatever it does not understand is left out; an unknown page is Home. */
export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#?\/?/, "").split("?", 2);
  const page = PAGES.find((known) => known === path) ?? "home";
  const params = new URLSearchParams(query);
  switch (page) {
    case "home":
    case "platforms":
      return { page };
    case "people":
      return {
        page,
        state: oneOf(SYNC_STATES, params.get("state")) ?? "any",
        search: params.get("search") ?? "",
        open: rowId(params.get("open")),
      };
    case "activity":
      return {
        page,
        state: oneOf(DELIVERY_STATES, params.get("state")),
        platform: oneOf(PLATFORMS, params.get("platform")),
        person: params.get("person") ?? "",
        open: rowId(params.get("open")),
      };
  }
}

/** The page as it is first shown: nothing filtered, nothing open. */
export function pageRoute<P extends Page>(page: P): RouteOf<P> {
  return parseRoute(page) as RouteOf<P>;
}

/** The hash of a route, for links. Filters at their default are left out. */
export function href(route: Route): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(route)) {
    if (name !== "page" && value !== null && value !== "" && value !== "any") {
      params.set(name, String(value));
    }
  }
  const query = params.toString();
  return `#/${route.page}${query === "" ? "" : `?${query}`}`;
}

function oneOf<T extends string>(known: readonly T[], text: string | null): T | null {
  return known.find((word) => word === text) ?? null;
}

function rowId(text: string | null): number | null {
  return text !== null && /^[1-9]\d{0,15}$/.test(text) ? Number(text) : null;
}
