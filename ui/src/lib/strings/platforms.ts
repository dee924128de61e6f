import type { Doing, Grade, LegKind, LegNeed, NameShown, Spending } from "../backend/bindings";
import { count, number } from "./counting";

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

const grades: Record<Grade, string> = {
  carried: "carried",
  as_link: "named, with a link",
  flattened: "carried as plain messages",
  not_carried: "not carried",
};

const legs: Record<LegKind, string> = {
  native: "Direct conversations",
  group: "Groups with the app",
  private: "Private channels with the app",
  app: "Conversations with the app",
};

const legNeeds: Record<LegNeed, string> = {
  token_of_stand_in: "heard and written where the person represented has authorised the hub",
  account_of_stand_in: "used where the person represented has an account and has not authorised the hub",
  app_alone: "used for everyone else",
};

const legUnheard: Record<LegNeed, string | null> = {
  token_of_stand_in:
    "between two accounts of which neither’s owner has authorised the hub: what is written there is not heard.",
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

/** By the name that the platform's console shows. */
export type Permission = {
  name: string;
  /** Where the console knows two kinds. */
  kind?: "application" | "delegated";
  lets: string;
  without: string;
};

const permissions: Record<"slack" | "teams", Permission[]> = {
  slack: [
    {
      name: "chat:write, chat:write.customize",
      lets: "Post for people, with their name and photo.",
      without: "Nothing can be sent to Slack.",
    },
    {
      name: "im:*, mpim:*, groups:*",
      lets: "Open and read the conversations that the app is in.",
      without: "Answers are not heard.",
    },
    {
      name: "users:read, users:read.email",
      lets: "Read the directory, and match people by address.",
      without: "People cannot be paired.",
    },
    {
      name: "metadata.message:read",
      lets: "Recognise what the hub itself has posted.",
      without: "A doubtful message is left for you to decide.",
    },
    {
      name: "commands",
      lets: "Let people find others with /causeway.",
      without: "They have to write to the app.",
    },
  ],
  teams: [
    {
      name: "User.Read.All",
      kind: "application",
      lets: "Read the directory, and match people by address.",
      without: "Nobody can be imported.",
    },
    {
      name: "Chat.Read.All",
      kind: "application",
      lets: "Hear the chats that touch a paired person. It reads everybody’s.",
      without: "Chats are heard only where somebody in them has authorised their own account.",
    },
    {
      name: "Chat.Create",
      kind: "application",
      lets: "Make the chat of two people.",
      without: "It can be made only once one of them has authorised the hub.",
    },
    {
      name: "User.Invite.All",
      kind: "application",
      lets: "Make guest accounts.",
      without: "People without an account are represented by the app.",
    },
    {
      name: "User.ReadWrite.All",
      kind: "application",
      lets: "Give guest accounts their name and photo, and delete them.",
      without: "Guests keep the name they were invited by.",
    },
    {
      name: "Policy.Read.All",
      kind: "application",
      lets: "Check whether guests may be invited. Nothing else needs it.",
      without: "The check says that it could not be found out.",
    },
    {
      name: "Directory.Read.All",
      kind: "application",
      lets: "Check who may consent. Nothing else needs it.",
      without: "The check says that it could not be found out.",
    },
    {
      name: "Chat.ReadWrite",
      kind: "delegated",
      lets: "Post, edit and delete as the service account, and as people who have authorised it.",
      without: "Nothing can be sent to Teams.",
    },
    {
      name: "User.Read",
      kind: "delegated",
      lets: "Tell who signed in.",
      without: "It cannot be told whose account it is.",
    },
    {
      name: "offline_access",
      kind: "delegated",
      lets: "Stay signed in.",
      without: "Everybody has to sign in again every hour.",
    },
    {
      name: "openid",
      kind: "delegated",
      lets: "Tell who signed in.",
      without: "It cannot be told whose account it is.",
    },
    {
      name: "profile",
      kind: "delegated",
      lets: "Tell who signed in.",
      without: "It cannot be told whose account it is.",
    },
  ],
};

/** The words of the Platforms page. */
export const connections = {
  empty: "No platform is connected yet",
  emptyText:
    "A connection is one Slack workspace or one Microsoft 365 tenant that you authorise once. The hub reads its directory and carries messages to it. People can write to each other as soon as two are connected.",
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

  form: {
    missing: (what: string) => `Give the ${what}.`,
    begins: (what: string, prefix: string) => `The ${what} begins with ${prefix}`,
    isOther: (kind: string) => `This is ${kind}.`,
    notAnUrl: "Give a whole address that begins with https://",
    connecting: "Trying the credentials…",
    kept: "Credentials are tried before they are kept, in the encrypted database on this computer.",
    renewing: "The new credentials take the place of the old ones. Pairings and what waits stay.",
    advanced: "Other addresses",
    permissions: "What the app has to be allowed",
    without: "Without it",
    signIn: {
      title: "The service account’s sign-in",
      text: "Whoever signs in is whom the hub speaks as where nobody else can. It never sees a password.",
      missing: "Sign the service account in.",
      ways: { device: "With a code", browser: "In a browser on this computer" },
      waysLong: {
        device: "Typed on Microsoft’s page, on any device. Your app has to allow public client flows.",
        browser:
          "Your app has to have http://localhost/callback among its redirects for mobile and desktop applications.",
      },
      begin: "Sign the service account in",
      beginning: "Asking Microsoft…",
      codeText: "Open this page in a private window, type the code and sign in as the service account:",
      browserText: "Sign in as the service account in the browser that has been opened.",
      until: "Runs out",
      copyCode: "Copy the code",
      openPage: "Open the page",
      copyAddress: "Copy the address",
      openAgain: "Open the browser again",
      cancel: "Cancel the sign-in",
      signedIn: (name: string) => `${name} has signed in`,
      connectUntil: "Forgotten, unless it is connected,",
      again: "Sign in as somebody else",
    },
    slack: {
      botToken: "Bot token",
      botTokenHint: "Slack: your app, OAuth & Permissions, Bot User OAuth Token.",
      appToken: "App-level token",
      appTokenHint: "Slack: your app, Basic Information, App-Level Tokens, with connections:write.",
      signingSecret: "Signing secret",
      signingSecretHint:
        "Slack: your app, Basic Information, App Credentials. With a public address it replaces the app-level token.",
      clientId: "Client ID",
      clientIdHint: "Only needed where people are to authorise the hub themselves.",
      clientSecret: "Client secret",
      clientSecretHint: "Slack: your app, Basic Information, App Credentials.",
      kinds: {
        user: "a user token (xoxp-)",
        bot: "a bot token (xoxb-)",
        app: "an app-level token (xapp-)",
        rotating: "a refresh or configuration token (xoxe)",
        browser: "a token of somebody’s browser",
      },
      apiUrl: "Web API address",
      apiUrlHint: "Slack’s own where this is empty.",
    },
    teams: {
      tenant: "Tenant",
      tenantHint: "Its ID or domain. Entra: your app, Overview, Directory (tenant) ID.",
      notATenant: "Give its ID, such as 8f2c1d04-…, or its domain, such as acme.onmicrosoft.com.",
      clientId: "Application (client) ID",
      clientIdHint: "Entra: App registrations, your app, Overview.",
      notAGuid: "Give the ID that Entra shows: 32 digits and letters in five groups.",
      secretId: "This is the secret’s ID. Give its value, which Entra shows once.",
      serviceAccount: "Service account",
      serviceAccountHint:
        "A licensed member that speaks where nobody else can: its address or object ID. Whoever signs in where this is empty.",
      otherWay: "Instead of signing in: paste a refresh token",
      refreshToken: "Refresh token of the service account",
      refreshTokenHint: "From signing in as the service account with your app.",
      graphUrl: "Microsoft Graph address",
      loginUrl: "Microsoft Entra address",
      urlHint: "Microsoft’s own where this is empty.",
    },
  },

  permissions,

  abilities: {
    title: (platform: string) => `What works with ${platform}`,
    table: (platform: string) => `What the hub carries to and from ${platform}`,
    what: "What",
    how: "How",
    doings,
    grades,
    legs,
    legNeeds,
    legUnheard,
    unheard: "What the hub cannot hear",
    app: "Where the app speaks for someone",
    appNames,
    guests: "Guest accounts",
    guestsYes: "the hub can make them",
    guestsNo: "the platform has none for the hub",
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
