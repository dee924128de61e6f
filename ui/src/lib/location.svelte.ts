import { href, parseRoute, type Route } from "./router";
import { type World, worldShown } from "./world";

let route = $state<Route>(parseRoute(window.location.hash));
let world = $state<World>(worldShown());

window.addEventListener("hashchange", () => {
  route = parseRoute(window.location.hash);
  world = worldShown();
});

/** Where the window is now. */
export function currentRoute(): Route {
  return route;
}

/** Whose hub the window shows now. */
export function currentWorld(): World {
  return world;
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
