import { expect, test } from "vitest";

import { isSound } from "./credentials";
import { checkWebex, NO_WEBEX, webexApp, webexCall } from "./webexCredentials";

const id = `C${"0a".repeat(32)}`;
const app = { ...NO_WEBEX, clientId: ` ${id} `, clientSecret: "s", botToken: "b" };

test("an organisation takes a sign-in of its administrator, or their refresh token", () => {
  expect(checkWebex(app, null).refreshToken).toBe("Sign the administrator in.");
  expect(isSound(checkWebex(app, "s1"))).toBe(true);
  const pasted = { ...app, refreshToken: " r " };
  expect(isSound(checkWebex(pasted, null))).toBe(true);
  expect(webexCall(pasted, null)).toMatchObject({
    client_id: id,
    administrator_sign_in: null,
    administrator_refresh_token: "r",
  });
  expect(webexCall(pasted, "s1")).toMatchObject({
    administrator_sign_in: "s1",
    administrator_refresh_token: null,
  });
});

test("a client ID in the place of a secret or token is named, and so is what is no client ID", () => {
  const mixed = checkWebex({ ...app, clientId: "Causeway", clientSecret: id, botToken: id }, "s1");
  expect(mixed.clientId).toContain("it begins with C");
  expect(mixed.clientSecret).toContain("This is a client ID.");
  expect(mixed.botToken).toContain("This is a client ID.");
});

test("what a stand-in calls its integration is its own business", () => {
  const elsewhere = { ...app, clientId: "app", apiUrl: "http://127.0.0.1:9000/v1" };
  expect(isSound(checkWebex(elsewhere, "s1"))).toBe(true);
  expect(webexApp(elsewhere)).toEqual({
    platform: "webex",
    api_url: "http://127.0.0.1:9000/v1",
    client_id: "app",
    client_secret: "s",
    hear_by_sockets: false,
  });
});

test("an organisation is heard by its events, unless sockets are chosen", () => {
  expect(webexApp(app)).toMatchObject({ hear_by_sockets: false });
  expect(webexCall(app, "s1")).toMatchObject({ hear_by_sockets: false });
  const sockets = { ...app, heardBy: "sockets" } as const;
  expect(webexApp(sockets)).toMatchObject({ hear_by_sockets: true });
  expect(webexCall(sockets, "s1")).toMatchObject({ hear_by_sockets: true });
});

test("a Service App comes whole or not at all", () => {
  expect(webexCall(app, "s1").guest_issuer).toBeNull();
  const half = checkWebex({ ...app, issuerToken: "r" }, "s1");
  expect(half.issuerId).toBe("Give the client ID of the Service App.");
  expect(half.issuerSecret).toBe("Give the client secret of the Service App.");
  const whole = { ...app, issuerId: id, issuerSecret: " i ", issuerToken: "r" };
  expect(isSound(checkWebex(whole, "s1"))).toBe(true);
  expect(webexCall(whole, "s1").guest_issuer).toEqual({
    client_id: id,
    client_secret: "i",
    refresh_token: "r",
  });
});
