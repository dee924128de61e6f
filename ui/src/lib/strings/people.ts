import type {
  JobKind,
  JobState,
  Mode,
  PeopleView,
  PersonNeed,
  Platform,
  SuggestionKind,
} from "../backend/bindings";
import { count, number } from "./counting";

const views: Record<PeopleView | "suggestions" | "aside", string> = {
  any: "All",
  paired: "Paired",
  unpaired: "Not paired",
  needs_attention: "Needs attention",
  waiting_for_consent: "Waiting for consent",
  suggestions: "Suggestions",
  aside: "Set aside",
};

const needs: Record<PersonNeed, string> = {
  stuck: "Messages are stuck",
  authorisation_lost: "No longer authorised",
  account_off: "Account switched off",
  primary_off: "Left their platform",
  guest_forbidden: "Guests not allowed",
  noticed: "There is a notice",
};

const needsLong: Record<PersonNeed, string> = {
  stuck: "Messages of theirs wait for something to be allowed, or their outcome is uncertain.",
  authorisation_lost: "What they authorised is not valid any more: they can be asked again.",
  account_off: "The account that stands for them is switched off: messages go through the app.",
  primary_off: "The account that they work with is switched off: nothing of theirs is carried.",
  guest_forbidden: "The organisation there does not take them as its guest.",
  noticed: "The hub has found something that you can change.",
};

const suggestionKinds: Record<SuggestionKind, string> = {
  match: "On several platforms",
  ambiguous: "Same name",
  missing: "On one platform",
  wanted: "Looked for",
};

/** What is peculiar to being represented on one platform in one way. */
const notes: Partial<Record<Platform, Partial<Record<Mode | "best", string>>>> = {
  webex: {
    guest:
      "On Webex guests belong to your organisation’s Service App: they can talk with its members, and not with other guests.",
  },
  zoom: {
    full: "On Zoom your organisation’s own app may act as its members: nobody is asked.",
    guest: "On Zoom a guest is a Basic user of your account, which the hub makes. Nothing is mailed to them.",
  },
};

export const people = {
  search: "Name or e-mail",
  views,
  viewsLabel: "Views of people",
  import: "Import",
  importing: "People are being imported already.",
  nothingConnected: "No platform is connected yet.",
  loadingCounts: "The people are still being counted.",
  needTwo: "People can be paired as soon as two platforms are connected.",
  empty: "No people yet",
  emptyText:
    "People are read from the directories of the connected platforms. Import them here, or connect a platform first.",
  emptyAction: "Go to Platforms",
  noneFit: "Nobody fits",
  noneFitText: "Nobody fits this search and these filters.",
  noneNeed: "Nobody needs you",
  noneNeedText: "Everything of everyone’s goes on by itself.",
  noneAsked: "Nobody is being waited for",
  noneAskedText: "Everybody who was asked to authorise their account has answered.",
  anyPrimary: "Any primary",
  anySecondary: "Any secondary",
  anyMode: "Any mode",
  primary: "Primary platform",
  secondary: "Secondary platform",
  mode: "Mode",
  column: {
    name: "Name",
    accounts: "Accounts",
    primary: "Primary",
    represented: "Represented as",
    state: "State",
    waiting: "Waiting",
  },
  table: "People",
  needs,
  needsLong,
  consents: {
    not_needed: "Cannot be asked",
    by_role: "No consent needed",
    not_asked: "Not asked yet",
    asked: "Asked",
    lapsed: "Asked, no answer",
    granted: "Authorised",
    declined: "Declined",
    revoked: "No longer authorised",
  },
  guests: {
    wanted: "Guest being made",
    invited: "Guest invited",
    signedIn: "Guest in use",
    notSignedIn: "Guest not signed in",
    forbidden: "Guests not allowed",
  },
  throughApp: "Through the app",
  notPaired: "Not paired",
  waiting: (many: number) => count(many, "message waits", "messages wait"),
  selected: (many: number) => `${number(many)} selected`,
  select: (name: string) => `Select ${name}`,
  selectAll: "Select everyone read so far",
  selectMatching: (many: number) => `Select all ${number(many)} that fit`,
  allMatching: (many: number) => `All ${number(many)} that fit are selected`,
  clearSelection: "Clear selection",
  pairSelected: (many: number) => `Pair ${count(many, "person", "people")}`,
  unpairSelected: (many: number) => `Unpair ${count(many, "person", "people")}`,
  sentAs: (rung: string) => `sent as ${rung}`,

  panel: {
    accounts: "Accounts",
    noAccounts: "No accounts.",
    noEmail: "No e-mail address",
    authorised: "Authorised",
    notAuthorised: "Not authorised",
    deactivated: "Deactivated",
    pairings: "Represented on",
    noPairings: "Not represented on another platform.",
    pair: "Pair",
    pairToo: "Represent on another platform",
    speaksAs: "Sent as",
    consent: "Consent",
    asked: "Asked",
    granted: "Authorised",
    declined: "Declined",
    revoked: "No longer valid since",
    waitsUntil: "Messages stop waiting",
    guest: "Guest account",
    since: "Paired",
    attention: "Needs attention",
    conversations: "Conversations",
    noConversations: "None yet. One begins with the first message between two paired people.",
    moreConversations: (many: number) => `and ${number(many)} more`,
    conversationWith: (name: string) => `with ${name}`,
    deaf: "Not heard",
    remedy: "What would change it",
    notOpened: "Opens with the first message",
    recent: "Recent deliveries",
    noRecent: "No deliveries yet.",
    seeActivity: "All of them in Activity",
    working: "Working…",
    askAgain: "Ask again",
    askNow: "Ask now",
    askOnlyFull: "Only the owner of an account of their own is asked.",
    alreadyGranted: "They have authorised it already.",
    cannotBeAsked: "There is no way to ask them from here.",
    askedNothing: "Nobody is asked: the organisation’s own app may act as its members.",
    guestInUse: "The hub speaks as this guest already.",
    revoke: "Revoke",
    nothingToRevoke: "They have authorised nothing.",
    revokeTitle: (name: string, platform: string) =>
      `Revoke what ${name} authorised on ${platform}?`,
    revokeText: (name: string) => [
      `The hub forgets the token of ${name}’s account, and does not read their own chats any more.`,
      "Their messages go out through the app, with their name.",
      "They can be asked again by hand.",
    ],
    revokeConfirm: "Revoke, messages go through the app",
    changeMode: "Change mode",
    unpair: "Unpair",
    signIn: "Sign the guest in",
    signInText: "Open this page in a private window, type the code and sign in as the guest.",
    signInUntil: "The code is good until",
    copyCode: "Copy code",
    notMadeYet: "The guest account is not made yet.",
  },

  pairing: {
    title: (many: number) => `Pair ${count(many, "person", "people")}`,
    titleOne: (name: string) => `Pair ${name}`,
    changeTitle: (name: string) => `Change how ${name} is represented`,
    primary: "They work in",
    secondary: "They are represented in",
    mode: "As",
    modes: {
      best: "The best there is",
      full: "Their own account",
      guest: "A guest account",
      app: "The app, with their name",
    },
    modesLong: {
      best: "Their own account where they have one, else the app.",
      full: "Full Account Sync: messages go out as their own account, once they authorise it where the platform asks for that.",
      guest: "Guest Account Sync: the hub makes a guest account for them. They are asked nothing.",
      app: "No account there: the app speaks for them, with their name. They are asked nothing.",
    },
    notes,
    choose: "Choose a platform",
    chooseBoth: "Choose where they work, and where they are represented.",
    nowhere: "They have no account of their own to work with on a connected platform.",
    preview: "What this does",
    previewing: "what this does",
    summary: {
      full: (many: number) => `${number(many)} as their own account`,
      guest: (many: number) => `${number(many)} as a guest`,
      app: (many: number) => `${number(many)} through the app`,
      asked: (many: number) => `${count(many, "is", "are")} asked once, at their first message across`,
      problems: (many: number) => `${number(many)} cannot be paired like this`,
      nobodyAsked: "Nobody is asked anything",
    },
    firstOnly: (shown: number, all: number) => `The first ${number(shown)} of ${number(all)}:`,
    run: (many: number) => `Pair ${count(many, "person", "people")}`,
    change: "Change mode",
    changeDrops: (many: number) =>
      many === 0
        ? "Nothing waits that would be dropped."
        : `${count(many, "message that waits is", "messages that wait are")} dropped.`,
    nobody: "Nobody of them can be paired like this.",
    waitForPreview: "What this does is still being found out.",
  },

  unpairing: {
    title: (many: number) => `Unpair ${count(many, "person", "people")}`,
    titleOne: (name: string) => `Unpair ${name}?`,
    from: "From",
    everywhere: "All platforms",
    removeGuests: (many: number) => `Also delete ${count(many, "guest account", "guest accounts")}`,
    effects: (pairings: number, waiting: number, guests: number, notPaired: number) =>
      [
        pairings === 0 ? "No pairing ends." : `${count(pairings, "pairing ends", "pairings end")} at once.`,
        waiting === 0
          ? "Nothing waits that would be dropped."
          : `${count(waiting, "message that waits is", "messages that wait are")} dropped.`,
        guests === 0
          ? null
          : `${count(guests, "guest account stays", "guest accounts stay")} there unless you delete ${guests === 1 ? "it" : "them"}.`,
        notPaired === 0 ? null : `${count(notPaired, "person is", "people are")} not paired anyway.`,
      ].filter((one) => one !== null),
    run: (many: number, waiting: number) =>
      waiting === 0
        ? `Unpair ${count(many, "person", "people")}`
        : `Unpair ${count(many, "person", "people")}, ${count(waiting, "waiting message", "waiting messages")} will be dropped`,
    nobody: "Nobody of them is paired.",
  },

  suggestions: {
    list: "People who could be paired",
    kinds: suggestionKinds,
    accept: (name: string) => `Pair ${name}`,
    acceptShort: "Pair",
    ignore: "Ignore",
    ignoreWho: (name: string) => `Ignore the suggestion about ${name}`,
    later: "Later",
    laterWho: (name: string) => `Later: suggest ${name} again in a week`,
    show: "Suggest again",
    showWho: (name: string) => `Suggest again: ${name}`,
    worksIn: (name: string) => `${name} works in`,
    as: (name: string) => `${name} is represented by`,
    onWhich: (name: string) => `${name} is represented in`,
    worksInShort: "Works in",
    inShort: "represented in",
    asShort: "represented by",
    byShort: "by",
    chooseHome: "Say where they work",
    homeFirst: "Say first where they work.",
    accountOf: (name: string) => `The account ${name}`,
    app: "The app",
    guest: "A guest account",
    own: "Their own account",
    ignored: "Ignored for good",
    back: "Comes back",
    aside: "Show what is set aside",
    open: "Show suggestions",
    empty: "Nobody to suggest",
    emptyText: "Everyone who could be paired is, or you have set them aside.",
    emptyAside: "Nothing is set aside",
    emptyAsideText: "Suggestions that you ignore or put off stand here, and can be shown again.",
    more: "Read more",
    all: (many: number) => `${count(many, "person", "people")} could be paired`,
    asideAll: (many: number) => `${count(many, "suggestion is", "suggestions are")} set aside`,
  },
};

const states: Record<JobKind, Record<JobState, string>> = {
  import: {
    running: "Importing people",
    stopping: "Stopping the import",
    stopped: "The import was stopped",
    finished: "People are imported",
    failed: "The import could not go on",
  },
  pair: {
    running: "Pairing people",
    stopping: "Stopping: those begun are still paired",
    stopped: "Pairing was stopped",
    finished: "Pairing is done",
    failed: "Pairing could not go on",
  },
  unpair: {
    running: "Unpairing people",
    stopping: "Stopping: those begun are still unpaired",
    stopped: "Unpairing was stopped",
    finished: "Unpairing is done",
    failed: "Unpairing could not go on",
  },
  export: {
    running: "Exporting deliveries",
    stopping: "Stopping the export",
    stopped: "The export was stopped",
    finished: "The export is written",
    failed: "The export could not go on",
  },
};

/** What takes a while. */
export const jobs = {
  states,
  label: "What goes on",
  progress: (done: number, total: number | null) =>
    total === null ? `${number(done)} so far` : `${number(done)} of ${number(total)}`,
  stop: "Stop",
  stopping: "It is being stopped already.",
  close: "Close this report",
  failures: (many: number) => `It did not work for ${count(many, "person", "people")}`,
  failuresShown: (shown: number, all: number) => `The first ${number(shown)} of ${number(all)} are told.`,
};

/** What the keyboard does. */
