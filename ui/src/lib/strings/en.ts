import type {
  AccountKind,
  DeliveryState,
  ErrorCode,
  HealthState,
  KeyPlace,
  LegKind,
  LegState,
  Mode,
  Operation,
  Platform,
  Reason,
  Rung,
} from "../backend/bindings";
import { count, LOCALE, number } from "./counting";
import { home, relayFacts } from "./home";
import { activity } from "./activity";
import { checks } from "./checks";
import { firstRun } from "./firstRun";
import { keys } from "./keys";
import { palette } from "./palette";
import { jobs, people } from "./people";
import { connections } from "./platforms";
import { sandbox } from "./sandbox";
import { setup } from "./setup";
import { settings } from "./settings";

const platforms: Record<Platform, string> = {
  slack: "Slack",
  teams: "Microsoft Teams",
  webex: "Webex",
  zoom: "Zoom Team Chat",
};

const platformsShort: Record<Platform, string> = {
  slack: "Slack",
  teams: "Teams",
  webex: "Webex",
  zoom: "Zoom",
};

const modes: Record<Mode, string> = { full: "Full", guest: "Guest", app: "App" };

const rungs: Record<Rung, string> = { full: "Full", guest: "Guest", app: "App" };

const accountKinds: Record<AccountKind, string> = {
  full: "Full account",
  guest: "Guest account",
  app: "The hub’s app",
  bot: "Bot",
};

const operations: Record<Operation, string> = {
  open: "Open",
  post: "Post",
  edit: "Edit",
  delete: "Delete",
  note: "Note",
  prompt: "Consent request",
};

const operationsLong: Record<Operation, string> = {
  open: "Open the conversation",
  post: "Post a message",
  edit: "Edit a message",
  delete: "Delete a message",
  note: "A note from the hub",
  prompt: "A consent request from the hub",
};

const deliveryStates: Record<DeliveryState, string> = {
  queued: "Queued",
  sending: "Sending",
  waiting_for_person: "Needs a person",
  uncertain: "Uncertain",
  delivered: "Delivered",
  cancelled: "Cancelled",
  dead: "Given up",
};

const deliveryStatesLong: Record<DeliveryState, string> = {
  queued: "It is in its lane and is sent when its turn comes.",
  sending: "It is on its way; the platform has not answered yet.",
  waiting_for_person: "Someone has to authorise or allow something before it can be sent.",
  uncertain: "Whether it arrived cannot be told from here. Look at the conversation, then decide.",
  delivered: "It has arrived.",
  cancelled: "There was nothing left to do.",
  dead: "It was not sent, and the hub does not try again.",
};

const reasons: Record<Reason, string> = {
  throttled: "the platform asked to slow down",
  unreachable: "the platform did not answer",
  not_authorised: "an authorisation is missing",
  forbidden: "the platform forbids it",
  gone: "the conversation is gone",
  not_supported: "the platform cannot do this",
  rejected: "the platform refused the request",
  unknown_outcome: "cut off while sending",
  unpaired: "the pairing was ended",
  deleted_before: "deleted before it was sent",
  original_missing: "the original never arrived",
  too_old: "waited too long",
  by_administrator: "an administrator decided so",
  awaiting_consent: "waits for consent",
  superseded: "moved to another conversation",
  not_needed: "no longer needed",
  loop_stopped: "only went to and fro",
};

const healthStates: Record<HealthState, string> = {
  connecting: "Connecting",
  connected: "Connected",
  degraded: "Degraded",
  needs_authorisation: "Needs authorisation",
  paused: "Paused",
};

const legKinds: Record<LegKind, string> = {
  native: "Direct conversation",
  group: "Group with the app",
  private: "Private channel with the app",
  app: "Conversation with the app",
};

const legStates: Record<LegState, string> = {
  current: "In use",
  old: "Kept for replies",
  closed: "Closed",
};

const keyPlaces: Record<KeyPlace, string> = {
  keychain: "In this computer’s keychain",
  key_file: "In a key file",
};

const errors: Record<ErrorCode, string> = {
  folder_locked: "The data folder is in use",
  folder_unwritable: "The data folder cannot be written",
  wrong_key: "The key does not fit the database",
  key_missing: "The database’s key is missing",
  keychain_failed: "The keychain did not give the key",
  newer_schema: "The database belongs to a newer Causeway",
  corrupt_database: "The database is damaged",
  disk_full: "The disk is full",
  database_failed: "The database failed",
  folder_not_empty: "The folder is not empty",
  backup_exists: "There is a file of that name",
  backup_unwritable: "The backup cannot be written",
  backup_unreadable: "The backup cannot be read",
  backup_damaged: "The backup is damaged",
  backup_newer: "The backup belongs to a newer Causeway",
  wrong_passphrase: "The passphrase does not fit",
  invalid_argument: "That cannot be asked for",
  not_found: "That is not there any more",
  ambiguous: "More than one fits",
  already_paired: "Already paired",
  not_paired: "Not paired",
  not_pairable: "This account cannot be paired",
  not_authorised: "The platform refused the hub’s authorisation",
  forbidden: "This is not allowed",
  throttled: "The platform asked to slow down",
  unreachable: "The platform does not answer",
  platform_rejected: "The platform refused the request",
  wrong_organisation: "Somebody of another organisation signed in",
  wrong_account: "Another account signed in",
  declined: "The sign-in was declined",
  expired: "It was not done in time",
  listener_failed: "The listener’s address cannot be used",
  hub_unavailable: "The relay does not answer",
  internal: "Something went wrong inside Causeway",
};

/** English. Everything that the window says is here; what a word is for stands in its name. */
export const en = {
  locale: LOCALE,
  product: "Causeway",
  number,

  platforms,
  platformsShort,
  modes,
  rungs,
  accountKinds,
  operations,
  operationsLong,
  deliveryStates,
  deliveryStatesLong,
  reasons,
  healthStates,
  legKinds,
  legStates,
  keyPlaces,
  errors,

  frame: {
    skip: "Skip to the page",
    pages: "Pages",
    needsYou: (many: number) => `${count(many, "needs", "need")} you`,
    status: (word: string) => `Status: ${word}. Open Home.`,
    statusLoading: "Starting",
    statusLost: "Not answering",
    theme: "Theme",
    themes: { system: "System", light: "Light", dark: "Dark" },
  },

  copying: {
    copied: "Copied",
    copy: (what: string) => `Copy ${what}`,
    refused: "The clipboard refuses. The text is selected: copy it by keyboard.",
    byHand: "The text to copy",
  },

  dialog: { keep: "Leave it as it is" },

  pause: {
    pauseAll: "Pause",
    resumeAll: "Resume",
    idle: "Nothing is relayed from here: there is nothing to pause.",
    nothingConnected: "Nothing is connected: there is nothing to pause.",
    notNow: "The relay does not answer yet.",
    failure: "What failed",
    notPaused: "The relay was not paused.",
    notResumed: "The relay was not resumed.",
    close: "Close",
    working: "Working…",
  },

  relay: {
    relaying: "Relaying",
    idle: "Not relaying",
    empty: "Not set up",
    needsAuthorisation: "Needs authorisation",
    degraded: "Degraded",
    paused: "Partly paused",
    allPaused: "Paused",
    connecting: "Connecting",
  },

  pages: { home: "Home", platforms: "Platforms", people: "People", activity: "Activity", sandbox: "Sandbox", settings: "Settings" },

  time: {
    justNow: "just now",
    ago: (rough: string) => `${rough} ago`,
    ahead: (rough: string) => `in ${rough}`,
    milliseconds: (value: number) => `${number(value)} ms`,
    seconds: (value: string) => `${value} s`,
    minutes: (value: number) => `${value} min`,
    hours: (value: number) => `${value} h`,
    days: (value: number) => `${value} d`,
  },

  failure: {
    whatToDo: "What to do",
    details: "Details",
    code: "Code",
    reference: "Reference in the log",
    tryAgain: "Try again",
    trying: "Trying again…",
    notAllowed: "Not allowed",
    noAnswer: "The program behind this window gave no answer that the window understands.",
    restart: "Quit Causeway from its tray icon and start it again.",
    openingFailed: "Causeway cannot open its data",
    relayLost: "Causeway cannot reach its relay",
    nothingRelayed:
      "Until this is solved nothing is relayed from here. What people write meanwhile is caught up with, as far as the platforms keep it.",
  },

  closing: {
    title: "Closing the window ends Causeway",
    text: "This desktop shows no tray icon where Causeway could go on. If it is the one that relays, messages wait until it is started again.",
    quit: "Quit Causeway",
    keep: "Keep it open",
  },

  stale: {
    title: "This may be out of date.",
    lastRead: "Last read",
    newer: "Something has changed since this list was read.",
    readAgain: "Read again",
  },

  loading: (what: string) => `Loading ${what}`,

  list: {
    shownOf: (shown: number, total: number) => `${number(shown)} of ${number(total)} read`,
    shownSoFar: (shown: number) => `${number(shown)} read, older ones follow`,
    readingMore: "Reading more…",
    all: (total: number) => count(total, "entry", "entries"),
    notInList: "It is not among the rows of this list as it is filtered now.",
    close: "Close details",
    clear: "Show all",
  },

  home,
  firstRun,
  relayFacts,
  connections,
  checks,
  setup,
  settings,

  people,
  jobs,
  keys,
  palette,
  activity,
  sandbox,
};
