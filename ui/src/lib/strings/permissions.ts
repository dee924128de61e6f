import type { Platform } from "../backend/bindings";

/** Permissions that are given together, by the names that the platform's console shows. */
export type Permission = {
  names: readonly string[];
  /** Which of several apps or lists it belongs to, where the console knows more than one. */
  kind?: "application" | "delegated" | "people" | "sockets" | "administrator" | "events" | "guests";
  lets: string;
  without: string;
};

const slack: Permission[] = [
  {
    names: ["chat:write", "chat:write.customize"],
    lets: "Post for people, with their name and photo.",
    without: "Nothing can be sent to Slack.",
  },
  {
    names: ["im:*", "mpim:*", "groups:*"],
    lets: "Open and read the conversations that the app is in.",
    without: "Answers are not heard.",
  },
  {
    names: ["users:read", "users:read.email"],
    lets: "Read the directory, and match people by address.",
    without: "People cannot be paired.",
  },
  {
    names: ["metadata.message:read"],
    lets: "Recognise what the hub itself has posted.",
    without: "A doubtful message is left for you to decide.",
  },
  {
    names: ["commands"],
    lets: "Let people find others with /causeway.",
    without: "They have to write to the app.",
  },
];

const whoSignedIn = {
  kind: "delegated",
  lets: "Tell who signed in.",
  without: "It cannot be told whose account it is.",
} as const;

const teams: Permission[] = [
  {
    names: ["User.Read.All"],
    kind: "application",
    lets: "Read the directory, and match people by address.",
    without: "Nobody can be imported.",
  },
  {
    names: ["Chat.Read.All"],
    kind: "application",
    lets: "Hear the chats that touch a paired person. It reads everybody’s.",
    without: "Chats are heard only where somebody in them has authorised their own account.",
  },
  {
    names: ["Chat.Create"],
    kind: "application",
    lets: "Make the chat of two people.",
    without: "It can be made only once one of them has authorised the hub.",
  },
  {
    names: ["User.Invite.All"],
    kind: "application",
    lets: "Make guest accounts.",
    without: "People without an account are represented by the app.",
  },
  {
    names: ["User.ReadWrite.All"],
    kind: "application",
    lets: "Give guest accounts their name and photo, and delete them.",
    without: "Guests keep the name they were invited by.",
  },
  {
    names: ["Policy.Read.All"],
    kind: "application",
    lets: "Check whether guests may be invited. Nothing else needs it.",
    without: "The check says that it could not be found out.",
  },
  {
    names: ["Directory.Read.All"],
    kind: "application",
    lets: "Check who may consent. Nothing else needs it.",
    without: "The check says that it could not be found out.",
  },
  {
    names: ["Chat.ReadWrite"],
    kind: "delegated",
    lets: "Post, edit and delete as the service account, and as people who have authorised it.",
    without: "Nothing can be sent to Teams.",
  },
  { names: ["User.Read"], ...whoSignedIn },
  {
    names: ["offline_access"],
    kind: "delegated",
    lets: "Stay signed in.",
    without: "Everybody has to sign in again every hour.",
  },
  { names: ["openid"], ...whoSignedIn },
  { names: ["profile"], ...whoSignedIn },
];

const webex: Permission[] = [
  {
    names: ["spark:people_read"],
    kind: "people",
    lets: "Tell whose account was authorised.",
    without: "Nobody can authorise their own account.",
  },
  {
    names: ["spark:rooms_read", "spark:rooms_write"],
    kind: "people",
    lets: "Find the conversations of people who have authorised it.",
    without: "What these people write to each other directly is not carried.",
  },
  {
    names: ["spark:messages_read", "spark:messages_write"],
    kind: "people",
    lets: "Post, edit and delete as people who have authorised it.",
    without: "Nobody is represented by their own account.",
  },
  {
    names: ["spark:memberships_read"],
    kind: "people",
    lets: "See who is in these conversations.",
    without: "Nothing is posted there: it could reach others than those who are meant.",
  },
  {
    names: ["spark:all", "spark:kms"],
    kind: "sockets",
    lets: "Open a socket as people who have authorised it. It allows all that they can do in Webex themselves.",
    without: "Nothing that is written to them is heard.",
  },
  {
    names: ["spark-admin:people_read", "spark-admin:organizations_read"],
    kind: "administrator",
    lets: "Read the directory, match people by address, and tell whose organisation it is.",
    without: "The administrator cannot sign in, and nobody can be imported.",
  },
  {
    names: ["spark-compliance:events_read", "spark-compliance:messages_read"],
    kind: "events",
    lets: "Hear the messages that touch a paired person. It reads everybody’s.",
    without: "Nothing that is written in Webex is heard.",
  },
  {
    names: ["spark-compliance:memberships_read"],
    kind: "events",
    lets: "Tell between whom a direct conversation is.",
    without:
      "What is said in direct conversations is not carried, and listed as a gap, but where the hub has written itself.",
  },
  {
    names: ["guest-issuer:read", "guest-issuer:write"],
    kind: "guests",
    lets: "Make guests, and speak as them.",
    without: "Nobody is represented as a guest.",
  },
];

const zoom: Permission[] = [
  {
    names: [
      "team_chat:write:user_message:admin",
      "team_chat:update:user_message:admin",
      "team_chat:delete:user_message:admin",
    ],
    lets: "Post, edit and delete as members of the account.",
    without: "Nothing can be sent to Zoom.",
  },
  {
    names: [
      "team_chat:read:user_message:admin",
      "team_chat:read:list_user_messages:admin",
      "team_chat:read:list_user_sessions:admin",
    ],
    lets: "Read back what was missed, and whether a message has arrived.",
    without: "What was missed stays missed, and a doubtful message is left for you to decide.",
  },
  {
    names: [
      "team_chat:read:list_user_channels:admin",
      "team_chat:read:user_channel:admin",
      "team_chat:write:user_channel:admin",
      "team_chat:read:list_members:admin",
    ],
    lets: "Make the channel of two people, and see who is in it.",
    without: "Nobody can be represented who has no account in Zoom.",
  },
  {
    names: ["user:read:list_users:admin", "user:read:user:admin"],
    lets: "Read the directory, and match people by address.",
    without: "Nobody can be imported.",
  },
  {
    names: ["user:write:user:admin", "user:delete:user:admin"],
    lets: "Make guest accounts, which are Basic users, and delete them.",
    without: "People without an account are represented by the app.",
  },
  {
    names: ["marketplace:write:websocket_connection"],
    lets: "Hear messages at once, through a WebSocket.",
    without: "Messages are heard only where Zoom can call the hub at a public address.",
  },
  {
    names: [
      "team_chat:write:user_message",
      "team_chat:update:user_message",
      "team_chat:delete:user_message",
    ],
    kind: "people",
    lets: "Post, edit and delete as whoever has authorised it.",
    without: "Nobody is represented by their own account.",
  },
  {
    names: [
      "team_chat:read:list_user_messages",
      "team_chat:read:user_message",
      "team_chat:read:list_user_sessions",
      "team_chat:read:user_channel",
      "team_chat:read:list_members",
    ],
    kind: "people",
    lets: "Read back their conversations where the Server-to-Server app may not.",
    without: "What was missed in those stays missed.",
  },
  {
    names: ["user:read:user"],
    kind: "people",
    lets: "See who has authorised it.",
    without: "Nobody can authorise it.",
  },
];

/** What each platform's app has to be allowed. */
export const permissions: Record<Platform, readonly Permission[]> = { slack, teams, webex, zoom };
