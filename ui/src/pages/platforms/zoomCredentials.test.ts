import { expect, test } from "vitest";

import { isSound } from "./credentials";
import { checkZoom, NO_ZOOM, zoomCall } from "./zoomCredentials";

const zoom = {
  ...NO_ZOOM,
  accountId: "account",
  clientId: " client ",
  clientSecret: "secret",
  subscriptionId: "sub",
  serviceUser: "hub@acme.example",
};

test("an account is connected by its app, its subscription and the member who speaks", () => {
  expect(isSound(checkZoom(zoom))).toBe(true);
  expect(zoomCall(zoom)).toMatchObject({
    client_id: "client",
    subscription_id: "sub",
    secret_token: null,
    service_user: "hub@acme.example",
    chatbot: null,
    user_app: null,
  });
  expect(checkZoom(NO_ZOOM).accountId).toBe("Give the account ID.");
  expect(checkZoom({ ...zoom, serviceUser: "Ann Lee" }).serviceUser).toContain("e-mail address");
});

test("an account that calls the hub needs no subscription, and one of the two is needed", () => {
  const none = { ...zoom, subscriptionId: "" };
  expect(checkZoom(none).subscriptionId).toContain("the secret token");
  const called = { ...none, secretToken: " t " };
  expect(isSound(checkZoom(called))).toBe(true);
  expect(zoomCall(called)).toMatchObject({ subscription_id: null, secret_token: "t" });
});

test("the same value in two fields is noticed before anything is sent", () => {
  expect(checkZoom({ ...zoom, clientId: "account" }).clientId).toContain("another field");
  expect(checkZoom({ ...zoom, clientSecret: "client" }).clientSecret).toContain("another field");
  expect(checkZoom({ ...zoom, secretToken: "secret" }).secretToken).toContain("another field");
});

test("a chatbot comes whole or not at all, with a JID of Zoom’s", () => {
  const half = checkZoom({ ...zoom, botSecret: "b" });
  expect(half.botId).toBe("Give the client ID of the chatbot.");
  expect(half.botJid).toBe("Give the bot JID.");
  const whole = { ...zoom, botId: "bot", botSecret: "b", botJid: "v1abc@xmpp.zoom.us" };
  expect(isSound(checkZoom(whole))).toBe(true);
  expect(zoomCall(whole).chatbot).toEqual({
    client_id: "bot",
    client_secret: "b",
    robot_jid: "v1abc@xmpp.zoom.us",
  });
  expect(checkZoom({ ...whole, botJid: "causeway" }).botJid).toContain("@xmpp.zoom.us");
  const elsewhere = { ...whole, botJid: "bot@stand-in", apiUrl: "http://127.0.0.1:9000" };
  expect(isSound(checkZoom(elsewhere))).toBe(true);
});

test("addresses are whole, and the WebSocket’s is one", () => {
  const wrong = checkZoom({ ...zoom, apiUrl: "api.zoom.us", socketUrl: "https://ws.zoom.us/ws" });
  expect(wrong.apiUrl).not.toBeNull();
  expect(wrong.socketUrl).toContain("wss://");
  expect(checkZoom({ ...zoom, socketUrl: "wss://ws.zoom.us/ws" }).socketUrl).toBeNull();
});

test("where people authorise their own accounts, their app is named, with a secret or as a public one", () => {
  const by = { ...zoom, actsBy: "token" as const };
  expect(checkZoom(by).userAppId).toBe("Give the client ID of the app that people authorise.");
  expect(checkZoom({ ...by, userAppId: "client" }).userAppId).toContain("another field");
  const open = { ...by, userAppId: " people " };
  expect(isSound(checkZoom(open))).toBe(true);
  expect(zoomCall(open).user_app).toEqual({ client_id: "people", client_secret: null });
  const secret = { ...open, userAppSecret: "s" };
  expect(zoomCall(secret).user_app).toEqual({ client_id: "people", client_secret: "s" });
  expect(checkZoom({ ...open, userAppSecret: "people" }).userAppSecret).toContain("another field");
  // What was typed before the choice was taken back is not sent.
  expect(zoomCall({ ...secret, actsBy: "role" }).user_app).toBeNull();
});
