import type { ConnectWebex, ServiceSignInId, SignInApp } from "../../lib/backend/bindings";
import { strings } from "../../lib/strings";
import { given, isAnyGiven, orNull, type Problems, url } from "./credentials";

const words = strings.connections.form.webex;

/** By what messages are heard. */
export const HEARD_BY = ["events", "sockets"] as const;
export type HeardBy = (typeof HEARD_BY)[number];

export type WebexFields = {
  heardBy: HeardBy;
  clientId: string;
  clientSecret: string;
  botToken: string;
  /** Of the administrator, where they do not sign in. */
  refreshToken: string;
  /** Of the Service App that makes guests. */
  issuerId: string;
  issuerSecret: string;
  issuerToken: string;
  apiUrl: string;
};

export const NO_WEBEX: WebexFields = {
  heardBy: "events",
  clientId: "",
  clientSecret: "",
  botToken: "",
  refreshToken: "",
  issuerId: "",
  issuerSecret: "",
  issuerToken: "",
  apiUrl: "",
};

/** `signedIn` is a sign-in of the administrator that has succeeded. */
export function checkWebex(
  fields: WebexFields,
  signedIn: ServiceSignInId | null,
): Problems<WebexFields> {
  // Stand-ins call their apps as they like.
  const webexs = fields.apiUrl.trim() === "";
  const id = (what: string, text: string) => given(what, text) ?? (webexs ? clientId(text) : null);
  const guests = isAnyGiven(fields.issuerId, fields.issuerSecret, fields.issuerToken);
  return {
    heardBy: null,
    clientId: id(words.clientId, fields.clientId),
    clientSecret: secret(words.clientSecret, fields.clientSecret),
    botToken: secret(words.botToken, fields.botToken),
    refreshToken:
      signedIn === null && fields.refreshToken.trim() === ""
        ? words.signIn[fields.heardBy].missing
        : null,
    issuerId: guests ? id(words.issuerId, fields.issuerId) : null,
    issuerSecret: guests ? secret(words.issuerSecret, fields.issuerSecret) : null,
    issuerToken: guests ? secret(words.issuerToken, fields.issuerToken) : null,
    apiUrl: url(fields.apiUrl),
  };
}

/** The integration that the administrator signs in through. */
export function webexApp(fields: WebexFields): SignInApp {
  return {
    platform: "webex",
    api_url: orNull(fields.apiUrl),
    client_id: fields.clientId.trim(),
    client_secret: fields.clientSecret.trim(),
    hear_by_sockets: fields.heardBy === "sockets",
  };
}

export function webexCall(fields: WebexFields, signedIn: ServiceSignInId | null): ConnectWebex {
  const guests = isAnyGiven(fields.issuerId);
  return {
    api_url: orNull(fields.apiUrl),
    client_id: fields.clientId.trim(),
    client_secret: fields.clientSecret.trim(),
    bot_token: fields.botToken.trim(),
    administrator_sign_in: signedIn,
    administrator_refresh_token: signedIn === null ? orNull(fields.refreshToken) : null,
    guest_issuer: guests
      ? {
          client_id: fields.issuerId.trim(),
          client_secret: fields.issuerSecret.trim(),
          refresh_token: fields.issuerToken.trim(),
        }
      : null,
    refresh_tokens: {},
    poll_every_ms: null,
    hear_by_sockets: fields.heardBy === "sockets",
  };
}

function clientId(text: string): string | null {
  return /^C[0-9a-z]{20,}$/i.test(text.trim()) ? null : words.notAClientId;
}

/** An id of one of the apps stands beside its secret, and is easily taken for it. */
function secret(what: string, text: string): string | null {
  return /^C[0-9a-f]{64}$/i.test(text.trim()) ? words.isClientId : given(what, text);
}
