import type {
  DeliveryId,
  DeliveryState,
  Mode,
  PeopleView,
  PersonId,
  Platform,
  Reason,
  StatsSpan,
} from "./backend/bindings";
import { DELIVERY_STATES, MODES, PEOPLE_VIEWS, PLATFORMS, REASONS } from "./words";
import { type World, worldOf, worldShown } from "./world";

/** Where the window is: the page, its filters and what is open beside them. All of it is in the URL. */
export type Route =
  | { page: "home"; span?: StatsSpan }
  | {
      page: "platforms";
      /** Whose form is open. */
      connect?: Platform | null;
      /** Whose checks are shown, where no form is open. */
      checks?: Platform | null;
    }
  | { page: "settings" }
  | { page: "sandbox" }
  | {
      page: "people";
      view: PeopleTab;
      search: string;
      primary: Platform | null;
      secondary: Platform | null;
      mode: Mode | null;
      open: PersonId | null;
      /** That all who fit are to be selected, once. */
      select: "all" | null;
    }
  | {
      page: "activity";
      state: DeliveryState | null;
      reason: Reason | null;
      platform: Platform | null;
      /** Part of a name; `of` is one person for certain. */
      person: string;
      of: PersonId | null;
      open: DeliveryId | null;
    };

/** The views of people, the suggestions, and those of them that are set aside. */
export const PEOPLE_TABS = [...PEOPLE_VIEWS, "suggestions", "aside"] as const;
export type PeopleTab = PeopleView | "suggestions" | "aside";

export type Page = Route["page"];
export type RouteOf<P extends Page> = Extract<Route, { page: P }>;

/** The pages of each world, as the rail lists them. Settings are the organisation's own. */
export const PAGES: Record<World, readonly Page[]> = {
  own: ["home", "platforms", "people", "activity", "sandbox", "settings"],
  sandbox: ["home", "platforms", "people", "activity", "sandbox"],
};

export const SPANS = ["day", "week"] as const satisfies readonly StatsSpan[];

/** The route that a hash stands for. Whatever it does not understand is left out; an unknown page is Home. */
export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#?\/?/, "").split("?", 2);
  const world = worldOf(hash);
  const page = PAGES[world].find((known) => pathOf(known, world) === path) ?? "home";
  const params = new URLSearchParams(query);
  switch (page) {
    case "home":
      return { page, span: oneOf(SPANS, params.get("span")) ?? "day" };
    case "platforms":
      return {
        page,
        connect: oneOf(PLATFORMS, params.get("connect")),
        checks: oneOf(PLATFORMS, params.get("checks")),
      };
    case "settings":
    case "sandbox":
      return { page };
    case "people":
      return {
        page,
        view: oneOf(PEOPLE_TABS, params.get("view")) ?? "any",
        search: params.get("search") ?? "",
        primary: oneOf(PLATFORMS, params.get("primary")),
        secondary: oneOf(PLATFORMS, params.get("secondary")),
        mode: oneOf(MODES, params.get("mode")),
        open: rowId(params.get("open")),
        select: oneOf(["all"], params.get("select")),
      };
    case "activity":
      return {
        page,
        state: oneOf(DELIVERY_STATES, params.get("state")),
        reason: oneOf(REASONS, params.get("reason")),
        platform: oneOf(PLATFORMS, params.get("platform")),
        person: params.get("person") ?? "",
        of: rowId(params.get("of")),
        open: rowId(params.get("open")),
      };
  }
}

/** The page as it is first shown: nothing filtered, nothing open. */
export function pageRoute<P extends Page>(page: P): RouteOf<P> {
  return parseRoute(page) as RouteOf<P>;
}

/**
 * The hash of a route, for links. It stays in the world that the window shows unless told
 * otherwise. Filters at their default are left out.
 */
export function href(route: Route, world: World = worldShown()): string {
  const params = new URLSearchParams();
  const untouched: Record<string, unknown> = parseRoute(route.page);
  for (const [name, value] of Object.entries(route)) {
    if (value !== untouched[name] && value !== null && value !== "" && value !== "any") {
      params.set(name, String(value));
    }
  }
  const query = params.toString();
  return `#/${pathOf(route.page, world)}${query === "" ? "" : `?${query}`}`;
}

/** The Sandbox page is in the sandbox's world, whichever world leads there; Settings never are. */
function pathOf(page: Page, world: World): string {
  return world === "own" || page === "sandbox" || page === "settings" ? page : `sandbox/${page}`;
}

function oneOf<T extends string>(known: readonly T[], text: string | null): T | null {
  return known.find((word) => word === text) ?? null;
}

function rowId(text: string | null): number | null {
  return text !== null && /^[1-9]\d{0,15}$/.test(text) ? Number(text) : null;
}
