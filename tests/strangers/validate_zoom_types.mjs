// Holds the Zoom calls in what `causeway sandbox --record` wrote against the types of Zoom's own
// library: each body, query and answer.
//
// Usage: node tests/strangers/validate_zoom_types.mjs RECORD.jsonl…

import { readFileSync } from "node:fs";

import { exportedTypes, faultsOf } from "./zoom_types.mjs";

const CHANNEL = "/chat/users/{userId}/channels/{channelId}";
const MESSAGE = "/chat/users/{userId}/messages/{messageId}";

// Each call's module in the library, and how the names of its types begin.
const CALLS = {
  "GET /chat/users/{userId}/messages": ["teamchat", "ChatMessagesListUsersChatMessages"],
  "POST /chat/users/{userId}/messages": ["teamchat", "ChatMessagesSendChatMessage"],
  [`GET ${MESSAGE}`]: ["teamchat", "ChatMessagesGetMessage"],
  [`PUT ${MESSAGE}`]: ["teamchat", "ChatMessagesUpdateMessage"],
  [`DELETE ${MESSAGE}`]: ["teamchat", "ChatMessagesDeleteMessage"],
  "GET /chat/users/{userId}/sessions": ["teamchat", "ChatSessionsListUsersChatSessions"],
  "GET /chat/users/{userId}/channels": ["teamchat", "ChatChannelsListUsersChannels"],
  "POST /chat/users/{userId}/channels": ["teamchat", "ChatChannelsCreateChannel"],
  [`GET ${CHANNEL}`]: ["teamchat", "ChatChannelsAccountLevelGetChannel"],
  [`GET ${CHANNEL}/members`]: ["teamchat", "ChatChannelsAccountLevelListChannelMembers"],
  "GET /users": ["users", "UsersListUsers"],
  "POST /users": ["users", "UsersCreateUsers"],
  "GET /users/{userId}": ["users", "UsersGetUser"],
  "DELETE /users/{userId}": ["users", "UsersDeleteUser"],
  "POST /im/chat/messages": ["chatbot", "SendChatbotMessages"],
  "PUT /im/chat/messages/{messageId}": ["chatbot", "EditChatbotMessage"],
  "DELETE /im/chat/messages/{messageId}": ["chatbot", "DeleteChatbotMessage"],
};
const BESIDE = /^(GET|POST) \/(oauth\/|ws$|p\/)/;

// What is otherwise than the types say, and why it may be. `docs/verification.md` tells more.
const ALLOWED = [
  [
    /^POST \/(users|chat\/users\/\{userId\}\/channels) Response: Object literal may only specify known/,
    "the stand-in says more than is described, which is not relied on",
  ],
];

/** A query is text, and its types have numbers and truths. */
function read(query) {
  const value = (text) => {
    if (/^(true|false)$/.test(text)) return text === "true";
    return /^\d{1,4}$/.test(text) ? Number(text) : text;
  };
  return Object.fromEntries(Object.entries(query).map(([name, text]) => [name, value(text)]));
}

const values = { teamchat: [], users: [], chatbot: [] };
const exported = Object.fromEntries(Object.keys(values).map((name) => [name, exportedTypes(name)]));
const untyped = new Set();

function keep(call) {
  const [module, name] = CALLS[call.method] ?? [];
  if (!module) return untyped.add(call.method);
  const parts = { RequestBody: call.body, QueryParams: read(call.query) };
  if (call.status < 300) parts.Response = call.response;
  for (const [part, value] of Object.entries(parts)) {
    const type = `${name}${part}`;
    if (exported[module].has(type)) values[module].push({ what: `${call.method} ${part}`, type, value });
    else if (value !== null && Object.keys(value).length > 0) untyped.add(`${call.method} ${part}`);
  }
}

const records = process.argv.slice(2);
if (records.length === 0) {
  console.error("usage: node tests/strangers/validate_zoom_types.mjs RECORD.jsonl…");
  process.exit(2);
}
for (const record of records) {
  const calls = readFileSync(record, "utf8").trim().split("\n").map((line) => JSON.parse(line));
  calls.filter((call) => call.platform === "zoom" && !BESIDE.test(call.method)).forEach(keep);
}
const found = Object.entries(values).flatMap(([module, held]) => faultsOf(module, held));
const count = Object.values(values).reduce((sum, held) => sum + held.length, 0);
console.log(`${count} bodies, queries and answers held against the types of @zoom/rivet`);
for (const line of untyped) console.log(`not described: ${line}`);
for (const [pattern, why] of ALLOWED) {
  if (found.some((line) => pattern.test(line))) console.log(`allowed: ${pattern.source}: ${why}`);
}
const unexplained = found.filter((line) => !ALLOWED.some(([pattern]) => pattern.test(line)));
for (const line of unexplained) console.log(line);
process.exitCode = unexplained.length === 0 ? 0 : 1;
