import type { ConnectSlack, ConnectTeams } from "../../lib/backend/bindings";
import { strings } from "../../lib/strings";

const words = strings.connections.form;

/** What is typed into a form, and what is wrong with each of it. */
export type Problems<Fields> = { [Name in keyof Fields]: string | null };

export type SlackFields = {
  botToken: string;
  appToken: string;
  clientId: string;
  clientSecret: string;
  apiUrl: string;
};

export type TeamsFields = {
  tenant: string;
  clientId: string;
  clientSecret: string;
  serviceAccount: string;
  refreshToken: string;
  graphUrl: string;
  loginUrl: string;
};

export const NO_SLACK: SlackFields = {
  botToken: "",
  appToken: "",
  clientId: "",
  clientSecret: "",
  apiUrl: "",
};

export const NO_TEAMS: TeamsFields = {
  tenant: "",
  clientId: "",
  clientSecret: "",
  serviceAccount: "",
  refreshToken: "",
  graphUrl: "",
  loginUrl: "",
};

export function checkSlack(fields: SlackFields): Problems<SlackFields> {
  const names = words.slack;
  return {
    botToken: begins(names.botToken, fields.botToken, "xoxb-"),
    appToken: begins(names.appToken, fields.appToken, "xapp-"),
    clientId: fields.clientSecret.trim() === "" ? null : given(names.clientId, fields.clientId),
    clientSecret: fields.clientId.trim() === "" ? null : given(names.clientSecret, fields.clientSecret),
    apiUrl: url(fields.apiUrl),
  };
}

export function checkTeams(fields: TeamsFields): Problems<TeamsFields> {
  const names = words.teams;
  return {
    tenant: given(names.tenant, fields.tenant),
    clientId: given(names.clientId, fields.clientId),
    clientSecret: given(names.clientSecret, fields.clientSecret),
    serviceAccount: given(names.serviceAccount, fields.serviceAccount),
    refreshToken: given(names.refreshToken, fields.refreshToken),
    graphUrl: url(fields.graphUrl),
    loginUrl: url(fields.loginUrl),
  };
}

export function isSound<Fields>(problems: Problems<Fields>): boolean {
  return Object.values(problems).every((problem) => problem === null);
}

export function slackCall(fields: SlackFields): ConnectSlack {
  return {
    api_url: orNull(fields.apiUrl),
    client_id: orNull(fields.clientId),
    client_secret: orNull(fields.clientSecret),
    bot_token: fields.botToken.trim(),
    app_token: fields.appToken.trim(),
    signing_secret: null,
    user_tokens: {},
  };
}

export function teamsCall(fields: TeamsFields): ConnectTeams {
  return {
    graph_url: orNull(fields.graphUrl),
    login_url: orNull(fields.loginUrl),
    tenant: fields.tenant.trim(),
    client_id: fields.clientId.trim(),
    client_secret: fields.clientSecret.trim(),
    service_account: fields.serviceAccount.trim(),
    service_account_refresh_token: fields.refreshToken.trim(),
    refresh_tokens: {},
    poll_every_ms: null,
  };
}

function given(what: string, text: string): string | null {
  return text.trim() === "" ? words.missing(what.charAt(0).toLowerCase() + what.slice(1)) : null;
}

function begins(what: string, text: string, prefix: string): string | null {
  const plain = what.charAt(0).toLowerCase() + what.slice(1);
  return given(what, text) ?? (text.trim().startsWith(prefix) ? null : words.begins(plain, prefix));
}

/** An address may be left out. The hub itself judges which plain ones it takes. */
function url(text: string): string | null {
  const trimmed = text.trim();
  return trimmed === "" || /^https?:\/\/[^\s/]+/.test(trimmed) ? null : words.notAnUrl;
}

function orNull(text: string): string | null {
  return text.trim() || null;
}
