import type { Weight } from "../backend/bindings";
import { count } from "./counting";

const weights: Record<Weight, string> = {
  blocks: "Stops messages",
  limits: "Limits what works",
  advises: "Advice",
};

const findings = (many: number) => count(many, "finding", "findings");

/** The words about what preflight has found. */
export const checks = {
  title: (platform: string) => `Checks of ${platform}`,
  loading: "the checks",
  weights,

  checked: "Checked",
  never: "Not checked yet",
  running: "Being checked…",
  unread: "The last check cannot be read",
  sound: "everything is as it should be",
  soundAsFar: (unknown: number) =>
    `nothing is wrong, ${count(unknown, "thing", "things")} could not be found out`,
  found: (many: number) => `${findings(many)}, nothing is kept from working`,
  foundKeeping: (many: number, keeping: number) =>
    `${findings(many)}, ${keeping} ${keeping === 1 ? "keeps" : "keep"} something from working`,

  check: "Check now",
  checkOf: (platform: string) => `Check now: ${platform}`,
  show: "Show checks",
  showOf: (platform: string) => `Show checks of ${platform}`,

  first: "The first check runs",
  firstText:
    "A few seconds after connecting, the hub looks whether the platform lets it do all of its work. What it finds appears here.",
  neverText:
    "A check asks the platform what the app is allowed, reads and tries to write, and compares the clocks. It posts nothing. It runs by itself after connecting and once a day.",
  notConnected: (platform: string) => `${platform} is not connected`,
  notConnectedText: "There is nothing to check until it is.",

  findings: (many: number) => (many === 0 ? "Nothing is wrong" : "What was found"),
  stops: "What does not work",
  follows: "What follows",
  toDo: "What to do",
  page: "Page of the console",
  thePage: "the page’s address",
  unknown: (many: number) => `Could not be found out (${many})`,
  passed: (many: number) => `As it should be (${many})`,

  places: {
    connect: "Connect again",
    settings: "Open Settings",
    people: "Open People",
  },
};
