import { expect, test } from "vitest";

import { strings } from "../../lib/strings";
import { boxes, checklistOf } from "./checklist";
import { DEVICE_REDIRECTS, scopesOf, webexChecklist } from "./integration";
import { peopleChecklist, serverChecklist, zoomScopes } from "./zoomApps";

const ticked = (text: string) => [...text.matchAll(/^ {3}\[ \] (.+)$/gm)].map(([, value]) => value);
const back = "https://hub.acme.example/hooks/consent/callback";

test("a checklist numbers its steps, and has a box for each value", () => {
  const steps = [
    { title: "Make it", lines: ["Open the page.", boxes(["a", "b"])] },
    { title: "Use it", lines: [] },
  ];
  expect(checklistOf(steps)).toBe("1. Make it\n   Open the page.\n   [ ] a\n   [ ] b\n2. Use it\n");
});

test.each(["events", "sockets"] as const)("Webex's has a box for each redirect and scope that %s need", (heardBy) => {
  const text = webexChecklist("https://hub.acme.example/", heardBy);
  const whose = ["people", "administrator", "guests"] as const;
  const scopes = whose.flatMap((one) => scopesOf(one, heardBy)).flatMap(({ names }) => names);
  const values = ticked(text).filter((one) => /^(spark|guest-issuer|https:)/.test(one ?? ""));
  expect(values).toEqual([...DEVICE_REDIRECTS, back, ...scopes]);
});

test("Zoom's has a box for each scope and event, and each app its own list", () => {
  const scopes = (whose: "server" | "people") => zoomScopes(whose).flatMap(({ names }) => names);
  const values = new Set(ticked(serverChecklist()));
  for (const one of [...scopes("server"), ...strings.setup.zoom.eventNames]) expect(values).toContain(one);
  for (const one of scopes("people")) expect(values).not.toContain(one);
  const ofPeople = new Set(ticked(peopleChecklist("https://hub.acme.example/")));
  for (const one of [...scopes("people"), back]) expect(ofPeople).toContain(one);
});
