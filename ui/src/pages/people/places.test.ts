import { expect, test } from "vitest";

import type { AccountKind, AccountView, PairingView, Platform } from "../../lib/backend/bindings";
import { primariesFor, secondariesFor } from "./places";

const ALL: Platform[] = ["slack", "teams", "webex", "zoom"];

const account = (platform: Platform, kind: AccountKind = "full", active = true) =>
  ({ platform, kind, active }) as AccountView;
const pairing = (primary: Platform, secondary: Platform) => ({ primary, secondary }) as PairingView;

test("somebody works where they have an account of their own, until a pairing says where", () => {
  const accounts = [account("zoom"), account("teams"), account("webex", "guest"), account("slack", "full", false)];
  expect(primariesFor(ALL, { accounts, pairings: [] })).toEqual(["teams", "zoom"]);
  expect(primariesFor(ALL, { accounts, pairings: [pairing("zoom", "slack")] })).toEqual(["zoom"]);
});

test("whoever is only a guest anywhere works there", () => {
  const accounts = [account("teams", "guest")];
  expect(primariesFor(ALL, { accounts, pairings: [] })).toEqual(["teams"]);
});

test("somebody can be represented wherever they neither work nor are represented", () => {
  const pairings = [pairing("slack", "teams"), pairing("slack", "zoom")];
  expect(secondariesFor(ALL, { accounts: [], pairings })).toEqual(["webex"]);
  expect(secondariesFor(ALL, { accounts: [], pairings: [] })).toEqual(ALL);
});
