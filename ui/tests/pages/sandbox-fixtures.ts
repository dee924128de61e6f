/* A sandbox for the page tests: what Ann writes stands in Bob's app as soon as the hub runs. */
import { emit } from "@tauri-apps/api/event";

import type {
  ActivityEntry,
  DeliveryDetails,
  HubError,
  Platform,
} from "../../src/lib/backend/bindings";
import type {
  Breakage,
  ChatMessage,
  Conversation,
  PromptAnswer,
  SandboxDeed,
  SandboxPerson,
  SandboxReport,
} from "../../src/lib/backend/sandbox-bindings";
import type { Scene } from "./stand-in";

const BEGAN = Date.UTC(2026, 0, 5, 9, 0);
const ANN = "ann@acme.example";
const BOB = "bob@acme.example";
const ELI = "eli@acme.example";
const WANDA = "wanda@acme.example";
const ZARA = "zara@acme.example";

const TITLES: Record<Platform, string> = {
  slack: "Engineer",
  teams: "Sales",
  webex: "Support",
  zoom: "Field",
};

function person(name: string, email: string, works_on: Platform): SandboxPerson {
  const title = TITLES[works_on];
  const account = (platform: Platform) => ({ platform, name, active: true, authorised: true });
  return { email, name, title, works_on, accounts: window.acmePlatforms.map(account) };
}

declare global {
  // eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- only an interface widens the DOM's own
  interface Window {
    /** Where everybody at Acme has an account, as of the sandbox's next start. */
    acmePlatforms: Platform[];
    /** Somebody writes to somebody in a platform's app; a conversation begins where there is none. */
    say: (platform: Platform, from: string, to: string, text: string) => void;
    /** The sandbox that is starting has started. */
    endStart: () => void;
  }
}

window.acmePlatforms = ["slack", "teams"];

function everybody(): SandboxPerson[] {
  return [
    person("Ann Lee", ANN, "slack"),
    person("Bob Stone", BOB, "teams"),
    person("Eli Novak", ELI, "slack"),
    person("Kai Berg", "kai.berg@acme.example", "slack"),
    person("Maximiliane Schmidt-Wetterstein", "max@acme.example", "teams"),
    person("Wanda Fisk", WANDA, "webex"),
    person("Zara Quill", ZARA, "zoom"),
  ].filter(({ works_on }) => window.acmePlatforms.includes(works_on));
}

let people: SandboxPerson[] = [];

const stopped: SandboxReport = {
  state: "stopped",
  hub: "absent",
  error: null,
  people: [],
  throttled: [],
  cut: [],
  guests_allowed: true,
  speed: 1,
};

const report: SandboxReport = { ...stopped };
let written = 0;

function message(author: string, shown_as: string, text: string, over: Partial<ChatMessage> = {}): ChatMessage {
  written += 1;
  const plain = { edited: false, deleted: false, ephemeral: false, buttons: [], links: [] };
  return { id: String(written), author, shown_as, text, sent_at: BEGAN + 10 * 60_000 + written * 2_000, ...plain, ...over };
}

type Views = Record<string, Conversation[]>;

function views(): Views {
  const at = (minute: number) => ({ sent_at: BEGAN + minute * 60_000 });
  const talk = () => [
    message(ANN, "Ann Lee", "Is the offer for Friday ready? I can bring the figures.", at(1)),
    message(BOB, "Bob Stone", "Nearly. https://acme.example/offers/2026/harbour-terminal/automation-and-cabling/second-revision", at(2)),
    message(ANN, "Ann Lee", "Good.\nI look at it after lunch.", { edited: true, ...at(3) }),
  ];
  const ask = message("Causeway", "Causeway", "Your messages are to be sent as your own account in Microsoft Teams.", {
    buttons: [
      { id: "start", label: "Authorise" },
      { id: "decline", label: "Not now" },
    ],
  });
  // Slack has his address as it was typed there.
  const kai = [message("Kai.Berg@Acme.example", "Kai Berg", "The build is green again.")];
  const withAnn = (email: string, name: string, word: string) => [
    dm("Ann Lee", [
      message(ANN, "Ann Lee", "Can somebody look at the customer’s log?", at(4)),
      message(email, name, word, at(5)),
    ]),
  ];
  // Slack's own way to write: what stands in angle brackets is a link or somebody's name.
  const formatted = [
    message(ELI, "Eli Novak", "*Build 417* is _green_: <https://acme.example/builds/417|the log>. Run `make demo`, ~not the old one~.", at(6)),
  ];
  return {
    [`webex ${WANDA}`]: withAnn(WANDA, "Wanda Fisk", "On it."),
    [`zoom ${ZARA}`]: withAnn(ZARA, "Zara Quill", "From the train, yes."),
    "slack max@acme.example": [dm("Eli Novak", formatted)],
    "slack kai.berg@acme.example": [dm("Ann Lee", kai)],
    [`slack ${ANN}`]: [dm("Bob Stone", talk())],
    [`teams ${BOB}`]: [dm("Ann Lee", talk())],
    [`slack ${ELI}`]: [{ id: "app", kind: "app", with: ["Causeway"], topic: null, messages: [ask] }],
  };
}

function dm(name: string, messages: ChatMessage[]): Conversation {
  return { id: `dm ${name}`, kind: "dm", with: [name], topic: null, messages };
}

let shown: Views = {};
/** What was written while the hub was dead. */
let waiting: string[] = [];

window.say = (platform, from, to, text) => {
  const name = nameOf(from);
  conversation(platform, to, name).messages.push(message(from, name, text));
};

function nameOf(email: string): string {
  return people.find((one) => one.email === email)?.name ?? email;
}

function conversation(platform: Platform, of: string, name: string): Conversation {
  const all = (shown[`${platform} ${of}`] ??= []);
  const known = all.find((one) => one.with.includes(name));
  if (known !== undefined) return known;
  const begun = dm(name, []);
  all.push(begun);
  return begun;
}

window.endStart = () => void start();

function start(): SandboxReport {
  people = everybody();
  Object.assign(report, stopped, { state: "running", hub: "running", people });
  written = 0;
  shown = views();
  waiting = [];
  pausedSince = null;
  return { ...report };
}

let pausedSince: number | null = null;

/** When the sandbox's relay was paused, where it is. */
export function sandboxPausedSince(): number | null {
  return pausedSince;
}

export function pauseSandbox(paused: boolean): void {
  pausedSince = paused ? Date.now() : null;
  if (!paused) carryOn();
}

function sandboxIsPaused(): boolean {
  return pausedSince !== null;
}

/** What has waited arrives. */
function carryOn() {
  waiting.forEach(carry);
  waiting = [];
}

function carry(text: string) {
  shown[`teams ${BOB}`]?.[0]?.messages.push(message(ANN, "Ann Lee", text));
}

function act({ email, platform, what, to, text }: SandboxDeed): string {
  if (text.includes("refuse")) throw refused;
  const mine = shown[`${platform} ${email}`] ?? [];
  const name = nameOf(email);
  if (what === "send") {
    const place =
      to !== null && "dm" in to
        ? conversation(platform, email, nameOf(to.dm))
        : mine.find(({ id }) => to !== null && "conversation" in to && id === to.conversation);
    const sent = message(email, name, text);
    place?.messages.push(sent);
    if (report.hub !== "running" || sandboxIsPaused()) waiting.push(text);
    else if (place?.with.includes("Bob Stone")) carry(text);
    return sent.id;
  }
  const target = to !== null && "message" in to ? to.message : "";
  const found = mine.flatMap(({ messages }) => messages).find(({ id }) => id === target);
  if (found !== undefined && what === "edit") Object.assign(found, { text, edited: true });
  if (found !== undefined && what === "delete") {
    found.deleted = true;
    // Zoom's app shows nothing of it any more.
    if (platform === "zoom") forget(mine, found);
  }
  if (found !== undefined && what === "press") {
    const label = found.buttons.find(({ id }) => id === text)?.label ?? "";
    found.buttons = [];
    mine[0]?.messages.push(message("Causeway", "Causeway", `You pressed “${label}”.`));
  }
  return target;
}

function forget(mine: Conversation[], message: ChatMessage) {
  for (const one of mine) one.messages = one.messages.filter((other) => other !== message);
}

function answer(email: string, given: PromptAnswer) {
  const words = given === "grant" ? "Thank you. Your messages go out as you." : "All right.";
  shown[`slack ${email}`]?.[0]?.messages.push(message("Causeway", "Causeway", words));
  return { answered: true, refused: null };
}

function breakIt(breakage: Breakage): SandboxReport {
  if (breakage.kind === "throttle") report.throttled = [...report.throttled, breakage.platform];
  if (breakage.kind === "cut") report.cut = [...report.cut, breakage.platform];
  if (breakage.kind === "mend") Object.assign(report, { throttled: [], cut: [] });
  if (breakage.kind === "guests") report.guests_allowed = breakage.allowed;
  if (breakage.kind === "kill_hub") report.hub = "killed";
  if (breakage.kind === "start_hub") {
    report.hub = "running";
    carryOn();
  }
  return { ...report };
}

const refused: HubError = {
  code: "platform_rejected",
  message: "That cannot be done there: the message is too long.",
  hint: null,
  action: "Do something else; nothing was changed.",
  severity: "failed",
  correlation_id: "",
};

const failed: HubError = {
  code: "internal",
  message: "The sandbox did not start.",
  hint: "No temporary folder can be made.",
  action: "Start it again.",
  severity: "failed",
  correlation_id: "",
};

/** What the shell answers to a command of the sandbox; nothing where it is none. */
export function sandboxCommand(command: string, payload: unknown, scene: Scene): unknown {
  const given = payload as {
    email: string;
    platform: Platform;
    query: string;
    deed: SandboxDeed;
    answer: PromptAnswer;
    breakage: Breakage;
  };
  switch (command) {
    case "sandbox_report":
      return { ...report };
    case "sandbox_start":
      if (scene === "loading") {
        Object.assign(report, { state: "starting" });
        return new Promise(() => undefined);
      }
      if (scene === "failing") {
        Object.assign(report, { state: "failed", error: failed });
        throw failed;
      }
      return start();
    case "sandbox_stop":
      return Object.assign(report, stopped);
    case "sandbox_look":
      return structuredClone(shown[`${given.platform} ${given.email}`] ?? []);
    case "sandbox_find":
      return people
        .filter(({ name }) => name.toLowerCase().includes(given.query.toLowerCase()))
        .map(({ name, email }) => ({ name, email, conversation: null }));
    case "sandbox_act":
      return act(given.deed);
    case "sandbox_answer":
      return answer(given.email, given.answer);
    case "sandbox_break": {
      const changed = breakIt(given.breakage);
      void emit("sandbox", null);
      return changed;
    }
    default:
      return undefined;
  }
}

/** Whether the sandbox's hub would answer. */
export function sandboxHubRuns(): boolean {
  return report.state === "running" && report.hub === "running";
}

const entry: ActivityEntry = {
  id: 91,
  operation: "post",
  state: "delivered",
  reason: null,
  author: "Ann Lee",
  to: "Bob Stone",
  from_platform: "slack",
  to_platform: "teams",
  rung: "full",
  attempts: 1,
  late: false,
  written_at: BEGAN,
  received_at: BEGAN + 140,
  sent_at: BEGAN + 180,
  settled_at: BEGAN + 420,
  permalink: null,
};

/** The one message that the sandbox's hub has carried. */
export const carried = { entries: [entry], next: null, total: 1 };

export const journey: DeliveryDetails = {
  entry,
  cannot_retry: "It has arrived.",
  cannot_skip: "It has arrived.",
  timeline: [
    { step: "written", at: BEGAN, words: "Ann Lee wrote it in Slack." },
    { step: "received", at: BEGAN + 140, words: "The hub heard it and kept it." },
    { step: "routed", at: BEGAN + 150, words: "It is for Bob Stone on Microsoft Teams." },
    { step: "sent", at: BEGAN + 180, words: "Sent as Ann Lee’s own account." },
    { step: "confirmed", at: BEGAN + 420, words: "Microsoft Teams said that it stands there." },
  ],
};
