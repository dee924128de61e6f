import { count, number } from "./counting";

/** The words of Home. */
export const home = {
  flowing: "Messages are flowing",
  idle: "Nothing is being relayed",
  idleText: "The data folder is open, but no relay runs. Quit Causeway and start it again to relay from here.",
  empty: "Nothing is connected yet",
  emptyText:
    "Causeway joins your organisation’s chat platforms: people write to each other, each from their own app. It begins with connecting two platforms.",
  emptyAction: "Go to Platforms",
  onePlatform: "One platform is connected",
  onePlatformText: "People can be paired as soon as a second one is.",
  attention: (many: number) => `${count(many, "thing needs", "things need")} you`,
  connecting: "The platforms are being connected",
  paused: (platform: string) => `Nothing is sent to ${platform}: it is paused`,
  stopped: (platform: string) => `Messages with ${platform} have stopped`,
  shaky: (platform: string) => `Messages with ${platform} are held up`,
  allPaused: "The relay is paused",
  allPausedText: (queued: number) =>
    `Nothing is sent. What people write is heard and kept: ${count(queued, "delivery waits", "deliveries wait")} and go out in their order when you resume.`,
  needs: {
    title: "What needs you",
    loading: "what needs you",
    connection: (name: string, platform: string, state: string) =>
      `${name} on ${platform}: ${state.toLowerCase()}.`,
    connectAgain: "Connect again",
    look: "Look at Platforms",
    uncertain: (many: number) =>
      `${count(many, "delivery is", "deliveries are")} uncertain: look at the conversation, then decide.`,
    decide: "Decide",
    stuck: (many: number) =>
      `${count(many, "delivery waits", "deliveries wait")} for someone to authorise or allow something.`,
    lookAtThem: (many: number) => (many === 1 ? "Look at it" : "Look at them"),
    consent: (name: string, platform: string, many: number) =>
      `${name} has not authorised ${platform} yet. ${count(many, "message waits", "messages wait")}.`,
    consentUntil: "Sent through the app",
    person: (name: string) => `Open ${name}`,
    wanted: (name: string, platform: string, times: number) =>
      `${name} was looked for on ${platform} ${times === 1 ? "once" : `${number(times)} times`} and is not paired there.`,
    dismiss: "Dismiss",
    dismissNotice: (about: string) => `Dismiss: ${about}`,
    copyLink: "Copy link",
    checks: "See the checks",
  },
  platforms: "Platforms",
  span: "Time shown",
  spans: { day: "Last 24 hours", week: "Last 7 days" },
  charts: {
    loading: "figures",
    deliveries: "Deliveries",
    delivered: "Delivered",
    failed: "Given up",
    delay: "Delay, from written to delivered",
    median: "Half took at most",
    p95: "95 of 100 took at most",
    asTable: "Show as table",
    asChart: "Show as chart",
    time: "From",
    none: "none",
    browse: (title: string) => `${title}: left and right arrow keys go from one time to the next`,
    nothing: "Nothing was delivered in this time.",
    showsDeliveries: (total: number, failed: number) =>
      `${count(total, "delivery", "deliveries")}, ${number(failed)} given up`,
    showsDelay: (median: string) => `Half of the last ones took at most ${median}`,
  },
  waiting: {
    title: "Waiting now",
    nothing: "Nothing waits.",
    reason: "For what",
    deliveries: "Deliveries",
    paused: "until you resume",
    turn: "for their turn",
    sending: "for the platform’s answer",
    uncertain: "for your decision",
  },
};

/** The words about the relay itself. */
export const relayFacts = {
  title: "This relay",
  pairedPeople: "People paired",
  by: "Relayed by",
  thisDesktop: "This desktop",
  another: (process: number) =>
    `Another program (process ${process}), which this desktop is attached to`,
  since: "Running since",
  folder: "Data folder",
  key: "Database key",
  listener: "Listener",
  noListener: "None",
  version: "Version",
};
