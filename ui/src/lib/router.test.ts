import { expect, test } from "vitest";

import { href, pageRoute, PAGES, parseRoute, type Route } from "./router";

test.each<Route>([
  { page: "home" },
  { page: "platforms" },
  { page: "people", state: "paired", search: "Ann & Bob = 100%", open: 12 },
  { page: "activity", state: "dead", platform: "teams", person: "Zoë #1?", open: 7 },
])("a route survives its address: $page", (route) => {
  expect(parseRoute(href(route))).toEqual(route);
});

test.each(PAGES)("%s without filters has the plainest address", (page) => {
  expect(href(pageRoute(page))).toBe(`#/${page}`);
});

test.each(["", "#", "#/", "#/nowhere", "#/people/7"])("%j is Home", (hash) => {
  expect(parseRoute(hash)).toEqual({ page: "home" });
});

test("filters that mean nothing are left out", () => {
  const hash = "#/activity?state=lost&platform=irc&open=-1&x=y";
  expect(parseRoute(hash)).toEqual(pageRoute("activity"));
  expect(parseRoute("#/people?open=1e3&state=")).toEqual(pageRoute("people"));
});
