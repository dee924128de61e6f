import type { ConnectTeams, ServiceSignInId, SignInApp } from "../../lib/backend/bindings";
import { strings } from "../../lib/strings";
import { given, orNull, type Problems, url } from "./credentials";

const words = strings.connections.form;
const proofWords = strings.setup.proof;

/** How an app proves itself to Entra. */
export const PROOFS = ["certificate", "secret"] as const;
export type Proof = (typeof PROOFS)[number];

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
    refreshToken: signedIn === null && !pasted ? names.signIn.missing : null,
    graphUrl: url(fields.graphUrl),
    loginUrl: url(fields.loginUrl),
  };
}

/** The app that the service account signs in through. */
export function teamsApp(fields: TeamsFields): SignInApp {
  const secret = fields.proof === "secret";
  return {
    platform: "teams",
    graph_url: orNull(fields.graphUrl),
    login_url: orNull(fields.loginUrl),
    tenant: fields.tenant.trim(),
    client_id: fields.clientId.trim(),
    client_secret: secret ? orNull(fields.clientSecret) : null,
    certificate: !secret,
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
