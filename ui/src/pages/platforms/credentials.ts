import type {
  BeginServiceSignIn,
  ConnectSlack,
  ConnectTeams,
  ServiceSignInId,
} from "../../lib/backend/bindings";
import { strings } from "../../lib/strings";

const words = strings.connections.form;
const proofWords = strings.setup.proof;

/** How an app proves itself to Entra. */
export const PROOFS = ["certificate", "secret"] as const;
export type Proof = (typeof PROOFS)[number];

/** What is typed into a form, and what is wrong with each of it. */
export type Problems<Fields> = { [Name in keyof Fields]: string | null };

export type SlackFields = {
  botToken: string;
  appToken: string;
  /** With it the hub is called at its public address, and needs no app-level token. */
  signingSecret: string;
  clientId: string;
  clientSecret: string;
  apiUrl: string;
};

export type TeamsFields = {
  tenant: string;
  clientId: string;
  proof: Proof;
  clientSecret: string;
  /** The day on which it ends, as year-month-day; empty where it was not told. */
  secretEnds: string;
  serviceAccount: string;
  refreshToken: string;
  graphUrl: string;
  loginUrl: string;
};

export const NO_SLACK: SlackFields = {
  botToken: "",
  appToken: "",
  signingSecret: "",
  clientId: "",
  clientSecret: "",
  apiUrl: "",
};

export const NO_TEAMS: TeamsFields = {
  tenant: "",
  clientId: "",
  proof: "certificate",
  clientSecret: "",
  secretEnds: "",
  serviceAccount: "",
  refreshToken: "",
  graphUrl: "",
  loginUrl: "",
};

export function checkSlack(fields: SlackFields): Problems<SlackFields> {
  const names = words.slack;
  const called = fields.signingSecret.trim() !== "" && fields.appToken.trim() === "";
  return {
    botToken: begins(names.botToken, fields.botToken, "xoxb-"),
    appToken: called ? null : begins(names.appToken, fields.appToken, "xapp-"),
    signingSecret: null,
    clientId: fields.clientSecret.trim() === "" ? null : given(names.clientId, fields.clientId),
    clientSecret: fields.clientId.trim() === "" ? null : given(names.clientSecret, fields.clientSecret),
    apiUrl: url(fields.apiUrl),
  };
}

/** `signedIn` is a sign-in of the service account that has succeeded. */
export function checkTeams(
  fields: TeamsFields,
  signedIn: ServiceSignInId | null,
  now = Date.now(),
): Problems<TeamsFields> {
  const names = words.teams;
  const secret = fields.proof === "secret";
  const pasted = fields.refreshToken.trim() !== "";
  // Other clouds and stand-ins name their tenants as they like.
  const microsofts = fields.loginUrl.trim() === "";
  return {
    tenant: given(names.tenant, fields.tenant) ?? (microsofts ? tenant(fields.tenant) : null),
    clientId: given(names.clientId, fields.clientId) ?? (microsofts ? guid(fields.clientId) : null),
    proof: null,
    clientSecret: secret ? clientSecret(fields.clientSecret) : null,
    secretEnds: secret ? lastDay(fields.secretEnds, now) : null,
    // Who has signed in says who they are; a token that was pasted does not.
    serviceAccount:
      signedIn === null && pasted ? given(names.serviceAccount, fields.serviceAccount) : null,
    refreshToken: signedIn === null && !pasted ? words.signIn.missing : null,
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
    app_token: orNull(fields.appToken),
    signing_secret: orNull(fields.signingSecret),
    user_tokens: {},
  };
}

/** What a sign-in of the service account is begun with. */
export function signInCall(fields: TeamsFields): Omit<BeginServiceSignIn, "way"> {
  const secret = fields.proof === "secret";
  return {
    graph_url: orNull(fields.graphUrl),
    login_url: orNull(fields.loginUrl),
    tenant: fields.tenant.trim(),
    client_id: fields.clientId.trim(),
    client_secret: secret ? orNull(fields.clientSecret) : null,
    certificate: !secret,
    service_account: orNull(fields.serviceAccount),
    pace: null,
  };
}

export function teamsCall(fields: TeamsFields, signedIn: ServiceSignInId | null): ConnectTeams {
  const secret = fields.proof === "secret";
  return {
    graph_url: orNull(fields.graphUrl),
    login_url: orNull(fields.loginUrl),
    tenant: fields.tenant.trim(),
    client_id: fields.clientId.trim(),
    client_secret: secret ? fields.clientSecret.trim() : "",
    client_secret_ends: secret ? startOf(fields.secretEnds) : null,
    certificate: !secret,
    service_account: orNull(fields.serviceAccount),
    service_sign_in: signedIn,
    service_account_refresh_token: signedIn === null ? orNull(fields.refreshToken) : null,
    refresh_tokens: {},
    poll_every_ms: null,
  };
}

function given(what: string, text: string): string | null {
  return text.trim() === "" ? words.missing(inSentence(what)) : null;
}

/** Other tokens of Slack's, by how they begin; the longer of two beginnings first. */
const OTHERS: [prefix: string, kind: string][] = [
  ["xoxp-", words.slack.kinds.user],
  ["xoxb-", words.slack.kinds.bot],
  ["xapp-", words.slack.kinds.app],
  ["xoxe", words.slack.kinds.rotating],
  ["xoxc-", words.slack.kinds.browser],
  ["xoxs-", words.slack.kinds.browser],
  ["xoxd-", words.slack.kinds.browser],
];

function begins(what: string, text: string, prefix: string): string | null {
  const missing = given(what, text);
  const token = text.trim();
  if (missing !== null || token.startsWith(prefix)) return missing;
  const wanted = words.begins(inSentence(what), prefix);
  const other = OTHERS.find(([beginning]) => token.startsWith(beginning));
  return other === undefined ? wanted : `${words.isOther(other[1])} ${wanted}`;
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z](?:[a-z0-9-]*[a-z0-9])$/i;

function tenant(text: string): string | null {
  const trimmed = text.trim();
  return GUID.test(trimmed) || DOMAIN.test(trimmed) ? null : words.teams.notATenant;
}

function guid(text: string): string | null {
  return GUID.test(text.trim()) ? null : words.teams.notAGuid;
}

/** Entra shows a secret's ID beside its value, and the value only once. */
function clientSecret(text: string): string | null {
  if (GUID.test(text.trim())) return words.teams.secretId;
  return given(proofWords.secret, text);
}

/** A day may be left out. */
function lastDay(text: string, now: number): string | null {
  if (text.trim() === "") return null;
  const start = startOf(text);
  if (start === null) return proofWords.notADay;
  return start < now ? proofWords.over : null;
}

/** When a day begins here; none where it is not one. */
function startOf(day: string): number | null {
  const [, year, month, date] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day.trim()) ?? [];
  const start = new Date(Number(year), Number(month) - 1, Number(date));
  const exists = start.getMonth() === Number(month) - 1 && start.getDate() === Number(date);
  return exists ? start.getTime() : null;
}

function inSentence(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/** An address may be left out. The hub itself judges which plain ones it takes. */
function url(text: string): string | null {
  const trimmed = text.trim();
  return trimmed === "" || /^https?:\/\/[^\s/]+/.test(trimmed) ? null : words.notAnUrl;
}

function orNull(text: string): string | null {
  return text.trim() || null;
}
