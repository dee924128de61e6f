import type { ConnectSlack } from "../../lib/backend/bindings";
import { strings } from "../../lib/strings";
import { given, inSentence, orNull, type Problems, url } from "./credentials";

const words = strings.connections.form;

export type SlackFields = {
  botToken: string;
  appToken: string;
  /** With it the hub is called at its public address, and needs no app-level token. */
  signingSecret: string;
  clientId: string;
  clientSecret: string;
  apiUrl: string;
};

export const NO_SLACK: SlackFields = {
  botToken: "",
  appToken: "",
  signingSecret: "",
  clientId: "",
  clientSecret: "",
  apiUrl: "",
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
