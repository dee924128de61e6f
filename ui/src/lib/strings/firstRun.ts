import { count, number } from "./counting";

/** The words of the guide to the first delivered message. */
export const firstRun = {
  title: "Set up Causeway",
  welcome:
    "Causeway carries messages between your organisation’s chat platforms, so that people write to each other, each from their own app.",
  progress: (done: number, all: number) => `${number(done)} of ${number(all)} done`,
  steps: "Steps",
  hide: "Hide this guide",
  states: { done: "Done", current: "Now", later: "Later" },
  first: {
    title: "Connect the first platform",
    text: "A connection is one workspace, tenant, organisation or account on a platform, which you authorise once. The form says where each credential is found.",
    action: "Connect the first platform",
    sandbox: "Try the sandbox",
    sandboxText: "Or look first: the sandbox stands in for the platforms on this computer, and nothing leaves it.",
  },
  second: {
    title: "Connect the second platform",
    text: "Messages go from one platform to another, so there have to be two. Others can follow at any time.",
    connect: (platform: string) => `Connect ${platform}`,
  },
  people: {
    title: "Match people",
    text: "People are read from the directories of the platforms and matched by their e-mail addresses.",
    loading: "how many people there are",
    import: "Import people",
    importAgain: "Import again",
    found: (many: number) => `${count(many, "person was", "people were")} found`,
    counting: "Who is on more than one platform is being counted.",
    both: (many: number, one: string, other: string) =>
      `${count(many, "is", "are")} on ${one} and ${other}, and can be paired`,
    one: (many: number) => `${count(many, "stands", "stand")} on one platform only`,
    paired: (many: number) => `${count(many, "is paired", "are paired")} already`,
    pair: (many: number) => `Pair ${count(many, "person", "people")}…`,
    pairSome: "Pair people…",
    oneByOne: "Go through suggestions one by one",
    nobodyOnBoth:
      "Nobody is on two platforms under one e-mail address. The suggestions show who could be represented by a guest account or through the app.",
    how: "The list opens with everyone selected: say where they work and where they are represented, and see what pairing does before it is done. Messages go between people whose primary platforms differ, so pair some of each.",
    done: (many: number) => `${count(many, "person is", "people are")} paired`,
  },
  message: {
    title: "Send the first message",
    loading: "who could write the first message",
    ask: (writer: string, reader: string) => `Ask ${writer} to write to ${reader}.`,
    search: (writer: string, platform: string, reader: string) =>
      `In ${platform}, ${writer} looks for ${reader} in the search for people, as for any colleague, and writes to them.`,
    throughApp: (writer: string, platform: string, reader: string) =>
      `${reader} has no account in ${platform}: ${writer} sends “${reader}” to the Causeway app there, which opens the conversation.`,
    waits: "Waiting for the first message. This page shows it as soon as it comes.",
    onItsWay: (writer: string, reader: string) => `${writer} to ${reader}`,
    follow: "Follow it in Activity",
    oneSide: (platform: string) =>
      `Everyone who is paired works in ${platform}, and people of one platform are not relayed to each other. Pair someone who works on another one.`,
    pairMore: "Pair more people",
  },
  delivered: {
    title: "Messages are flowing. The first one has been delivered.",
    what: (writer: string, reader: string) => `From ${writer} to ${reader}`,
    activity: "See it in Activity",
    close: "Close the guide",
  },
};
