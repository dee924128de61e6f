import { expect, test } from "vitest";

import { href, pageRoute, PAGES, parseRoute, type Route } from "./router";
import { worldOf } from "./world";

test.each<Route>([
  { page: "home", span: "day" },
  { page: "home", span: "week" },
  { page: "platforms", connect: null, checks: null },
  { page: "platforms", connect: "teams", checks: null },
  { page: "platforms", connect: null, checks: "slack" },
  { page: "settings" },
  {
    page: "people",
    view: "needs_attention",
    search: "Ann & Bob = 100%",
    primary: "slack",
    secondary: "webex",
    mode: "guest",
    open: 12,
    select: "all",
  },
  {
    page: "activity",
    state: "dead",
    reason: "gone",
    platform: "teams",
    person: "Zoë #1?",
    of: 3,
    open: 7,
  },
])("a route survives its address: $page", (route) => {
  expect(parseRoute(href(route))).toEqual(route);
});

test.each(PAGES.own)("%s without filters has the plainest address", (page) => {
  expect(href(pageRoute(page))).toBe(`#/${page}`);
});

test.each(["", "#", "#/", "#/nowhere", "#/people/7"])("%j is Home", (hash) => {
  expect(parseRoute(hash)).toEqual({ page: "home", span: "day" });
});

test("filters that mean nothing are left out", () => {
  const hash = "#/activity?state=lost&platform=irc&open=-1&x=y";
  expect(parseRoute(hash)).toEqual(pageRoute("activity"));
  expect(parseRoute("#/people?open=1e3&state=")).toEqual(pageRoute("people"));
});

test("the sandbox's pages have addresses of their own, and links stay in the world that is named", () => {
  expect(parseRoute("#/sandbox/people?search=ann")).toEqual(parseRoute("#/people?search=ann"));
  expect(href(pageRoute("people"), "sandbox")).toBe("#/sandbox/people");
  expect(href(pageRoute("people"), "own")).toBe("#/people");
  expect(href({ page: "sandbox" }, "own")).toBe("#/sandbox");
  expect(parseRoute("#/sandbox")).toEqual({ page: "sandbox" });
  expect(parseRoute("#/sandbox/settings")).toEqual(pageRoute("home"));
  expect([worldOf("#/sandbox/activity"), worldOf("#/sandboxes"), worldOf("#/people")]).toEqual([
    "sandbox",
    "own",
    "own",
  ]);
});
