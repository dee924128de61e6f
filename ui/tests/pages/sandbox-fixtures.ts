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

const BEGAN = Date.UTC(2026, 0, 5, 9, 0);
const ANN = "ann@acme.example";
const BOB = "bob@acme.example";
const ELI = "eli@acme.example";

function person(name: string, email: string, works_on: Platform): SandboxPerson {
  const title = works_on === "slack" ? "Engineer" : "Sales";
  const account = (platform: Platform) => ({ platform, name, active: true, authorised: true });
  return { email, name, title, works_on, accounts: [account("slack"), account("teams")] };
}

const people = [
  person("Ann Lee", ANN, "slack"),
  person("Bob Stone", BOB, "teams"),
  person("Eli Novak", ELI, "slack"),
  person("Maximiliane Schmidt-Wetterstein", "max@acme.example", "teams"),
];

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
  return { id: String(written), author, shown_as, text, sent_at: BEGAN + written * 60_000, ...plain, ...over };
}

type Views = Record<string, Conversation[]>;

function views(): Views {
  const talk = () => [
    message(ANN, "Ann Lee", "Is the offer for Friday ready? I can bring the figures."),
    message(BOB, "Bob Stone", "Nearly. https://acme.example/offers/with/a/very/long/address/that/does/not/fit/on/one/line"),
    message(ANN, "Ann Lee", "Good.\nI look at it after lunch.", { edited: true }),
  ];
  const ask = message("Causeway", "Causeway", "Your messages are to be sent as your own account in Microsoft Teams.", {
    buttons: ["Authorise", "Not now"],
  });
  const dm = (name: string, messages: ChatMessage[]): Conversation => ({
    id: `dm ${name}`,
    kind: "dm",
    with: [name],
    topic: null,
    messages,
  });
  return {
    [`slack ${ANN}`]: [dm("Bob Stone", talk())],
    [`teams ${BOB}`]: [dm("Ann Lee", talk())],
    [`slack ${ELI}`]: [{ id: "app", kind: "app", with: ["Causeway"], topic: null, messages: [ask] }],
  };
}

let shown: Views = {};
/** What was written while the hub was dead. */
let waiting: string[] = [];

function start(): SandboxReport {
  Object.assign(report, stopped, { state: "running", hub: "running", people });
  written = 0;
  shown = views();
  waiting = [];
  return { ...report };
}

function carry(text: string) {
  shown[`teams ${BOB}`]?.[0]?.messages.push(message(ANN, "Ann Lee", text));
}

function act({ email, platform, what, to, text }: SandboxDeed): string {
  if (text.includes("refuse")) throw refused;
  const mine = shown[`${platform} ${email}`] ?? [];
  const name = people.find((one) => one.email === email)?.name ?? email;
  if (what === "send") {
    const place = to !== null && "conversation" in to ? mine.find(({ id }) => id === to.conversation) : mine[0];
    place?.messages.push(message(email, name, text));
    if (report.hub === "running") carry(text);
    else waiting.push(text);
    return "new";
  }
  const target = to !== null && "message" in to ? to.message : "";
  const found = mine.flatMap(({ messages }) => messages).find(({ id }) => id === target);
  if (found !== undefined && what === "edit") Object.assign(found, { text, edited: true });
  if (found !== undefined && what === "delete") found.deleted = true;
  return target;
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
    waiting.forEach(carry);
    waiting = [];
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
  hint: "no temporary folder can be made",
  action: "Start it again.",
  severity: "failed",
  correlation_id: "",
};

/** What the shell answers to a command of the sandbox; nothing where it is none. */
export function sandboxCommand(command: string, payload: unknown, failing: boolean): unknown {
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
      if (failing) {
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
