import { expect, test } from "vitest";

import {
  checkSlack,
  checkTeams,
  isSound,
  NO_SLACK,
  NO_TEAMS,
  slackCall,
  teamsCall,
} from "./credentials";

const slack = { ...NO_SLACK, botToken: " xoxb-1 ", appToken: "xapp-1" };

test("what is missing is asked for by its name", () => {
  expect(checkSlack(NO_SLACK).botToken).toBe("Give the bot token.");
  expect(checkTeams(NO_TEAMS, null).tenant).toBe("Give the tenant.");
  expect(isSound(checkTeams(NO_TEAMS, null))).toBe(false);
});

test("a tenant takes a sign-in, or a refresh token with the account that it is of", () => {
  const app = { ...NO_TEAMS, tenant: "t", clientId: "c", clientSecret: "s" };
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
  expect(mixed.botToken).toBe("The bot token begins with xoxb-");
  expect(mixed.appToken).toBe("The app-level token begins with xapp-");
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
