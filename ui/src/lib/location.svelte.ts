import { href, parseRoute, type Route } from "./router";

let route = $state<Route>(parseRoute(window.location.hash));

window.addEventListener("hashchange", () => {
  route = parseRoute(window.location.hash);
});

/** Where the window is now. */
export function currentRoute(): Route {
  return route;
}

/** Goes there, leaving a step to go back to. */
export function go(to: Route): void {
  window.location.hash = href(to);
}

/** Goes there in place of where the window is: for typing into a filter. */
export function replaceWith(to: Route): void {
  window.history.replaceState(null, "", href(to));
  route = to;
}
