import type { Doing, Grade, LegKind, LegNeed, Limit, NameShown, Spending } from "../backend/bindings";
import { connectForms } from "./connectForms";
import { count, number } from "./counting";
import { permissions } from "./permissions";

const doings: Record<Doing, string> = {
  messages: "Messages",
  formatting: "Bold, lists, quotes, code, links",
  edits: "Edits",
  deletions: "Deletions",
  files: "Files",
  threads: "Replies in threads",
  reactions: "Reactions",
  channels: "Channels",
};

const grades: Record<Extract<Grade, string>, string> = {
  carried: "carried",
  as_link: "named, with a link",
  named: "named, without a link",
  flattened: "carried as plain messages",
  not_carried: "not carried",
};

const limits: Record<Extract<Limit, string>, string> = {
  edits_lose_formatting: "an edited message becomes plain text there",
};

const limited = (limit: Limit) =>
  typeof limit === "string"
    ? limits[limit]
    : `a message there can be edited ${count(limit.edits_a_message, "time", "times")}, and never where it has files`;

const grade = (of: Grade) =>
  typeof of === "string" ? grades[of] : `carried; ${limited(of.limited)}`;

const legs: Record<LegKind, string> = {
  native: "Direct conversations",
  group: "Groups with the app",
  private: "Private channels with the app",
  app: "Conversations with the app",
};

const legNeeds: Record<LegNeed, string> = {
  token_of_stand_in: "heard and written where the hub may act as the person represented",
  account_of_stand_in: "used where the person represented has an account as which the hub may not act",
  app_alone: "used for everyone else",
};

const legUnheard: Record<LegNeed, string | null> = {
  token_of_stand_in:
    "between two accounts as neither of which the hub may act: what is written there is not heard.",
  account_of_stand_in: null,
  app_alone: null,
};

const appNames: Record<NameShown, string> = {
  over_the_post: "their name and photo stand over the message",
  in_the_text: "their name stands in the text",
};

const spendings: Record<Spending, string> = {
  post: "Messages",
  edit: "Edits",
  delete: "Deletions",
  open: "New conversations",
};

/** The words of the Platforms page. */
export const connections = {
  empty: "No platform is connected yet",
  emptyText:
    "A connection is one workspace, tenant, organisation or account on a platform, which you authorise once. The hub reads its directory and carries messages to it. People can write to each other as soon as two platforms are connected.",
  accounts: "Accounts",
  authorised: "Authorised",
  lastAnswer: "Last answer",
  never: "never",
  whatToDo: "What to do",
  count: (many: number) => count(many, "connection", "connections"),
  more: "Not connected",
  places: {
    slack: "One workspace, through an app of your own organisation.",
    teams: "One Microsoft 365 tenant, through an app registration of your own organisation.",
    webex: "One organisation, through an integration and a bot of its own.",
    zoom: "One account, through a Server-to-Server app of its own.",
  },
  connect: (platform: string) => `Connect ${platform}`,
  reconnect: (platform: string) => `Connect ${platform} again`,
  renew: "New credentials",
  pause: (platform: string) => `Pause ${platform}`,
  resume: (platform: string) => `Resume ${platform}`,
  disconnect: (platform: string) => `Disconnect ${platform}`,
  working: "Working…",
  pausedText: (platform: string) =>
    `Nothing is sent to ${platform}. What is meant for it waits, in its order; what is written there is still heard.`,
  relayPausedText: "The whole relay is paused: nothing is sent anywhere.",
  degradedText: "It is tried again by itself.",
  noAccounts: "Its directory has not been read yet.",
  toPeople: "Go to People",

  effectLoading: "what this does",
  disconnectTitle: (name: string, platform: string) => `Disconnect ${name} from ${platform}?`,
  disconnectConfirm: (platform: string, pairings: number, unsent: number) => {
    const effects = [
      pairings > 0 ? `end ${count(pairings, "pairing", "pairings")}` : null,
      unsent > 0 ? `drop ${count(unsent, "waiting message", "waiting messages")}` : null,
    ].filter((one) => one !== null);
    return [`Disconnect ${platform}`, ...effects].join(", ");
  },
  disconnectAfter:
    "To connect it again you need its credentials, and people have to be paired again.",

  form: connectForms,

  permissions,

  abilities: {
    title: (platform: string) => `What works with ${platform}`,
    table: (platform: string) => `What the hub carries to and from ${platform}`,
    what: "What",
    how: "How",
    doings,
    grade,
    legs,
    legNeeds,
    legUnheard,
    unheard: "What the hub cannot hear",
    app: "Where the app speaks for someone",
    appNames,
    guests: "Guest accounts",
    guestsYes: "the hub can make them",
    guestsNo: "the hub makes none there",
    marker: "After a crash",
    markerYes: "what was sent is recognised for certain",
    markerNo: "what cannot be recognised in the conversation is left for you to decide",
    buttons: "Consent requests",
    buttonsYes: "have buttons",
    buttonsNo: "are answered with a word",
    limit: (spent: Spending) => `${spendings[spent]}, at most`,
    perConversation: (calls: number, span: string) => `${number(calls)} ${span} in each conversation`,
    perConnection: (calls: number, span: string) => `${number(calls)} ${span} in all`,
    spans: { second: "a second", minute: "a minute" },
  },
};
