import type { ConnectZoom } from "../../lib/backend/bindings";
import { strings } from "../../lib/strings";
import { given, isAnyGiven, orNull, type Problems, url } from "./credentials";

const words = strings.connections.form.zoom;

export const ACTS_BY = ["role", "token"] as const;
export type ActsBy = (typeof ACTS_BY)[number];

export type ZoomFields = {
  accountId: string;
  clientId: string;
  clientSecret: string;
  subscriptionId: string;
  /** With it the hub is called at its public address, and needs no subscription. */
  secretToken: string;
  serviceUser: string;
  /** By what the hub acts as people. */
  actsBy: ActsBy;
  /** Of the app that people authorise; its public client ID has no secret. */
  userAppId: string;
  userAppSecret: string;
  /** Of the chatbot. */
  botId: string;
  botSecret: string;
  botJid: string;
  apiUrl: string;
  oauthUrl: string;
  socketUrl: string;
};

export const NO_ZOOM: ZoomFields = {
  accountId: "",
  clientId: "",
  clientSecret: "",
  subscriptionId: "",
  secretToken: "",
  serviceUser: "",
  actsBy: "role",
  userAppId: "",
  userAppSecret: "",
  botId: "",
  botSecret: "",
  botJid: "",
  apiUrl: "",
  oauthUrl: "",
  socketUrl: "",
};

export function checkZoom(fields: ZoomFields): Problems<ZoomFields> {
  const { accountId, clientId, clientSecret, botId, botSecret, botJid } = fields;
  const chatbot = isAnyGiven(botId, botSecret, botJid);
  // Stand-ins call their bots as they like.
  const zooms = fields.apiUrl.trim() === "";
  return {
    accountId: given(words.accountId, accountId),
    clientId: given(words.clientId, clientId) ?? another(clientId, accountId),
    clientSecret: given(words.clientSecret, clientSecret) ?? another(clientSecret, accountId, clientId),
    subscriptionId: isAnyGiven(fields.subscriptionId, fields.secretToken) ? null : words.noEvents,
    secretToken: isAnyGiven(fields.secretToken) ? another(fields.secretToken, clientSecret) : null,
    serviceUser: given(words.serviceUser, fields.serviceUser) ?? member(fields.serviceUser),
    actsBy: null,
    ...checkUserApp(fields),
    botId: chatbot ? (given(words.botId, botId) ?? another(botId, clientId)) : null,
    botSecret: chatbot ? (given(words.botSecret, botSecret) ?? another(botSecret, botId)) : null,
    botJid: chatbot ? (given(words.botJid, botJid) ?? (zooms ? jid(botJid) : null)) : null,
    apiUrl: url(fields.apiUrl),
    oauthUrl: url(fields.oauthUrl),
    socketUrl: socket(fields.socketUrl),
  };
}

function checkUserApp(fields: ZoomFields) {
  const { actsBy, clientId, clientSecret, userAppId, userAppSecret } = fields;
  if (actsBy === "role") return { userAppId: null, userAppSecret: null };
  const others = [userAppId, clientSecret];
  return {
    userAppId: given(words.userAppId, userAppId) ?? another(userAppId, clientId),
    userAppSecret: isAnyGiven(userAppSecret) ? another(userAppSecret, ...others) : null,
  };
}

export function zoomCall(fields: ZoomFields): ConnectZoom {
  const chatbot = isAnyGiven(fields.botJid);
  return {
    api_url: orNull(fields.apiUrl),
    oauth_url: orNull(fields.oauthUrl),
    socket_url: orNull(fields.socketUrl),
    account_id: fields.accountId.trim(),
    client_id: fields.clientId.trim(),
    client_secret: fields.clientSecret.trim(),
    subscription_id: orNull(fields.subscriptionId),
    secret_token: orNull(fields.secretToken),
    service_user: fields.serviceUser.trim(),
    chatbot: chatbot
      ? {
          client_id: fields.botId.trim(),
          client_secret: fields.botSecret.trim(),
          robot_jid: fields.botJid.trim(),
        }
      : null,
    user_app:
      fields.actsBy === "token"
        ? { client_id: fields.userAppId.trim(), client_secret: orNull(fields.userAppSecret) }
        : null,
  };
}

/** Zoom shows its ids and secrets in one column, all of the same letters. */
function another(text: string, ...others: string[]): string | null {
  return others.some((other) => other.trim() === text.trim()) ? words.sameAgain : null;
}

function member(text: string): string | null {
  return /^\S+$/.test(text.trim()) ? null : words.notAMember;
}

function jid(text: string): string | null {
  return /^\S+@xmpp\.zoom\.us$/i.test(text.trim()) ? null : words.notAJid;
}

/** It may be left out. */
function socket(text: string): string | null {
  const trimmed = text.trim();
  return trimmed === "" || /^wss?:\/\/[^\s/]+/.test(trimmed) ? null : words.notASocket;
}
