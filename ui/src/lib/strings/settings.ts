import { count } from "./counting";

/** The words of Settings. */
export const settings = {
  saved: "Saved",
  save: "Save",
  saving: "Saving…",
  nothingChanged: "Nothing has been changed.",
  policy: {
    title: "Messages",
    loading: "what holds for everyone",
    consentWait: "Wait for consent",
    consentWaitHint:
      "How long messages wait for whoever is to authorise the hub, before they go out through the app. Who is being waited for already is waited for as long as they were told.",
    catchUp: "Catch up with",
    catchUpHint:
      "What was written longer ago than this when the hub came to read it is not carried. Activity shows that it was not.",
    ledger: "Keep the record for",
    ledgerHint:
      "How long Activity remembers what was delivered: when, from whom, to whom; never what it said.",
    unpaired: "People who are not paired",
    unpairedHint:
      "Someone who is not paired and writes to a paired person’s account is relayed through the app, with their name.",
    relayed: "Relayed",
    notRelayed: "Not relayed",
    atOnce: "No time: the app at once",
  },
  address: {
    title: "Public address",
    loading: "the public address",
    text: "A public address lets Teams tell the hub of messages at once, and people authorise the hub with a link. It is the address of a proxy or tunnel of your organisation that forwards to where the hub listens.",
    listen: "The hub listens on",
    listenHint: "An address of this computer, such as 127.0.0.1:8420. Empty: it does not listen.",
    publicUrl: "Reached from outside as",
    publicUrlHint: "Such as https://causeway.example.org. Empty: only on this computer.",
    badListen: "Give an IP address and a port, such as 127.0.0.1:8420.",
    badUrl: "Give a whole address that begins with https://",
    needsListen: "Give the address that your proxy or tunnel forwards to.",
    now: "In use now",
    none: "None: the hub does not listen.",
    onlyHere: (listen: string) => `${listen}, on this computer only`,
    through: (url: string, listen: string) => `${url}, forwarded to ${listen}`,
    commandLine: "given on the command line",
    waits: "What is stored is used from the next start of Causeway on.",
    check: "Call it now",
    checking: "Calling…",
    reached: "Reached",
    notReached: "Not reached",
    noPublic: "There is no public address in use that could be called.",
  },
  window: {
    title: "This window",
    theme: "Theme",
    textSize: "Text size",
    language: "Language",
    languages: { en: "English" },
  },
  lengths: {
    days: (many: number) => count(many, "day", "days"),
    hours: (many: number) => count(many, "hour", "hours"),
    minutes: (many: number) => count(many, "minute", "minutes"),
    seconds: (many: number) => count(many, "second", "seconds"),
  },
};
