import { expect, test } from "vitest";

import { isSound } from "./credentials";
import { checkSlack, NO_SLACK, slackCall } from "./slackCredentials";
import { checkTeams, NO_TEAMS, teamsCall } from "./teamsCredentials";

const id = "8f2c1d04-1a2b-4c3d-9e8f-0123456789ab";
const slack = { ...NO_SLACK, botToken: " xoxb-1 ", appToken: "xapp-1" };

test("what is missing is asked for by its name", () => {
  expect(checkSlack(NO_SLACK).botToken).toBe("Give the bot token.");
  expect(checkTeams(NO_TEAMS, null).tenant).toBe("Give the tenant.");
  expect(isSound(checkTeams(NO_TEAMS, null))).toBe(false);
});

test("a tenant takes a sign-in, or a refresh token with the account that it is of", () => {
  const app = { ...NO_TEAMS, tenant: id, clientId: id };
  expect(checkTeams(app, null).refreshToken).toBe("Sign the service account in.");
  expect(isSound(checkTeams(app, "s1"))).toBe(true);
  const pasted = { ...app, refreshToken: "r" };
  expect(checkTeams(pasted, null).serviceAccount).toBe("Give the service account.");
  expect(isSound(checkTeams({ ...pasted, serviceAccount: "a" }, null))).toBe(true);
  expect(teamsCall(pasted, "s1")).toMatchObject({
    service_sign_in: "s1",
    service_account_refresh_token: null,
  });
});

test("tokens that were mixed up are noticed before anything is sent", () => {
  const mixed = checkSlack({ ...slack, botToken: "xapp-1", appToken: "xoxb-1" });
  expect(mixed.botToken).toBe("This is an app-level token (xapp-). The bot token begins with xoxb-");
  expect(mixed.appToken).toBe("This is a bot token (xoxb-). The app-level token begins with xapp-");
});

test("a token of another kind is named, and what is no token at all only says how one begins", () => {
  const of = (botToken: string) => checkSlack({ ...slack, botToken }).botToken;
  expect(of("xoxp-1-2")).toContain("This is a user token (xoxp-).");
  expect(of("xoxe.xoxp-1-2")).toContain("This is a refresh or configuration token (xoxe).");
  expect(of("hunter2")).toBe("The bot token begins with xoxb-");
});

const teams = { ...NO_TEAMS, tenant: id, clientId: id, serviceAccount: "a@acme.example", refreshToken: "r" };

test("a tenant is an ID or a domain, and an application an ID", () => {
  const of = (tenant: string) => checkTeams({ ...teams, tenant }, null).tenant;
  expect([of(id), of(" acme.onmicrosoft.com "), of("xn--bcher-kva.example")]).toEqual([null, null, null]);
  for (const wrong of ["acme", "common", "https://acme.example", `${id}0`, "ann@acme.example"]) {
    expect(of(wrong), wrong).toContain("Give its ID");
  }
  expect(checkTeams({ ...teams, clientId: "Causeway" }, null).clientId).toContain("32 digits and letters");
  expect(isSound(checkTeams(teams, null))).toBe(true);
});

test("what another cloud or a stand-in calls its tenant is its own business", () => {
  const elsewhere = { ...teams, tenant: "tenant-1", clientId: "app", loginUrl: "http://127.0.0.1:9000" };
  expect(isSound(checkTeams(elsewhere, null))).toBe(true);
});

test("a secret is asked for only where the app proves itself by one", () => {
  expect(isSound(checkTeams({ ...teams, secretEnds: "never" }, null))).toBe(true);
  const secret = { ...teams, proof: "secret" as const };
  expect(checkTeams(secret, null).clientSecret).toBe("Give the client secret.");
  expect(checkTeams({ ...secret, clientSecret: id }, null).clientSecret).toContain("the secret’s ID");
});

test("the day on which a secret ends exists and is still to come", () => {
  const now = new Date(2027, 0, 31, 12).getTime();
  const of = (secretEnds: string) =>
    checkTeams({ ...teams, proof: "secret", clientSecret: "s", secretEnds }, null, now).secretEnds;
  expect(of("")).toBeNull();
  expect(of("2027-02-01")).toBeNull();
  expect(of("2027-01-31")).toContain("This day is over.");
  for (const wrong of ["2027-02-30", "31.01.2028", "soon"]) expect(of(wrong)).toContain("Give the day");
});

test("of the two proofs only the chosen one is sent", () => {
  const both = { ...teams, clientSecret: " s ", secretEnds: "2027-02-01" };
  expect(teamsCall(both, null)).toMatchObject({ certificate: true, client_secret: "", client_secret_ends: null });
  expect(teamsCall({ ...both, proof: "secret" }, null)).toMatchObject({
    certificate: false,
    client_secret: "s",
    client_secret_ends: new Date(2027, 1, 1).getTime(),
  });
});

test("a client id and its secret come together or not at all", () => {
  expect(isSound(checkSlack(slack))).toBe(true);
  expect(checkSlack({ ...slack, clientId: "1.2" }).clientSecret).not.toBeNull();
  expect(checkSlack({ ...slack, clientSecret: "s" }).clientId).not.toBeNull();
});

test("what was pasted with blanks is sent without, and what is empty is left out", () => {
  expect(slackCall(slack)).toMatchObject({ bot_token: "xoxb-1", api_url: null, client_id: null });
});

test("an address has to be whole", () => {
  expect(checkSlack({ ...slack, apiUrl: "slack.example" }).apiUrl).not.toBeNull();
  expect(checkSlack({ ...slack, apiUrl: "https://slack.example/api" }).apiUrl).toBeNull();
});

test("a workspace that calls the hub needs no app-level token", () => {
  const called = { ...slack, appToken: "", signingSecret: " s " };
  expect(isSound(checkSlack(called))).toBe(true);
  expect(slackCall(called)).toMatchObject({ app_token: null, signing_secret: "s" });
});
