/*
 * Stands in for the shell in the page tests. Bundled by itself and injected before the page's own
 * scripts: no line of it is in what ships.
 */
import { emit } from "@tauri-apps/api/event";
import { mockIPC, mockWindows } from "@tauri-apps/api/mocks";

import type { ConnectionView, HubError, Platform, PolicyView, StatusReport } from "../../src/lib/backend/bindings";
import type { Args, Call, Reply } from "../../src/lib/backend/client";
import { askDesktop, refuseWhatIsRefused } from "./desktop-stand-in";
import { answersOf, type FirstRunScene } from "./first-run-fixtures";
import * as fixtures from "./fixtures";
import { fourPlatforms } from "./four-platforms";
import { endJob, nobodyAndNothing, peopleAndActivity, receive } from "./people-and-activity";
import * as preflight from "./preflight-fixtures";
import type { World } from "../../src/lib/world";
import * as sandbox from "./sandbox-fixtures";
import { sandboxCommand, sandboxHubRuns } from "./sandbox-fixtures";
import * as settings from "./settings-fixtures";
import { connectApps, endSignIn, serviceSignIn, type SignInEnd } from "./sign-in-stand-in";

export type Scene = "full" | "empty" | "loading" | "failing" | "forbidden" | "unopened" | "four" | FirstRunScene;

declare global {
  // eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- only an interface widens the DOM's own
  interface Window {
    scene: Scene;
    /** What the window has asked for so far. */
    calls: Call[];
    /** What it has asked for that a test looks into. */
    asked: unknown[];
    /** The hub stops answering, and the window hears of it. */
    loseHub: () => Promise<void>;
    /** Something changes in the hub. */
    change: (over: Partial<StatusReport>) => Promise<void>;
    /** Someone closes the window where there is no tray. */
    askToClose: () => Promise<void>;
    hasQuit: boolean;
    /** What takes a while comes to its end. */
    endJob: () => Promise<void>;
    /** So many more deliveries come in. */
    receive: (many: number) => Promise<void>;
    /** What comes of the sign-in that is waited for. */
    endSignIn: (how: SignInEnd) => Promise<void>;
    /** The sign-ins whose page the window has had opened. */
    opened: string[];
    /** What the window has asked its shell to be drawn at. */
    zoom: number;
  }
}

let lost = false;
let opened = false;
let changed: Partial<StatusReport> = {};
let dismissed = false;
let policy = settings.policy;
const paused = new Set<Platform>();

export type Answers = { [C in Call]?: (args: Args<C>) => Reply<C> | Promise<Reply<C>> };

/** What is said before anything is connected as well. */
const always: Answers = {
  get_slack_manifest: () => preflight.manifest,
  make_certificate: () => preflight.certificate,
};

function connectionsNow(): ConnectionView[] {
  return fixtures.connections.map((known) =>
    paused.has(known.platform)
      ? {
          ...known,
          health: { ...known.health, state: "paused", since: Date.now() },
          paused_since: Date.now(),
        }
      : known,
  );
}

const full: Answers = {
  get_status: () => fixtures.status(changed),
  list_connections: connectionsNow,
  get_needs: () => ({
    ...settings.needs,
    notices: [...(dismissed ? [] : settings.needs.notices), ...preflight.notices()],
  }),
  get_stats: ({ span }) => settings.stats(span),
  list_capabilities: () => settings.capabilities,
  dismiss_notice: () => {
    dismissed = true;
    return [];
  },
  set_paused: ({ platform, paused: now }) => {
    if (platform === null) changed = { ...changed, paused_since: now ? Date.now() : null };
    else if (now) paused.add(platform);
    else paused.delete(platform);
    const connections = connectionsNow();
    return fixtures.status({ ...changed, connections });
  },
  preview_disconnect: () => settings.disconnectEffect,
  disconnect: () => {
    throw fixtures.databaseFailed;
  },
  connect_slack: ({ bot_token }) => {
    if (bot_token !== "xoxb-good") throw fixtures.refusedToken;
    const [slack] = fixtures.connections;
    if (slack === undefined) throw new Error("the fixtures have a Slack workspace");
    return slack;
  },
  get_preflight: () => preflight.reports(),
  run_preflight: ({ platform }) => preflight.runPreflight(platform),
  get_policy: () => policy,
  set_policy: (change) => {
    const given = Object.entries(change).filter(([, value]) => value !== null);
    policy = { ...policy, ...(Object.fromEntries(given) as Partial<PolicyView>) };
    return policy;
  },
  get_address: () => settings.address,
  set_address: ({ listen, public_url }) => ({
    ...settings.address,
    listen,
    public_url,
    waits_for_start: true,
  }),
  check_address: () => ({
    reached: false,
    words:
      "The hub does not reach itself under https://causeway.acme.example (no_connection). Look whether the proxy or tunnel forwards that address to 127.0.0.1:8420.",
  }),
  ...serviceSignIn,
  ...connectApps,
  ...peopleAndActivity,
  ...always,
};

const none = { queued: 0, sending: 0, waiting_for_person: 0, uncertain: 0 };
const empty: Answers = {
  ...serviceSignIn,
  ...connectApps,
  get_status: () =>
    fixtures.status({
      connections: [],
      paired_people: 0,
      deliveries: { ...none, delivered: 0, cancelled: 0, dead: 0 },
    }),
  list_connections: () => [],
  get_needs: () => settings.nothingNeeded,
  get_stats: () => settings.nothingDelivered,
  list_capabilities: () => settings.capabilities,
  get_policy: () => settings.policy,
  get_address: () => settings.noAddress,
  get_preflight: () => [],
  ...nobodyAndNothing,
  ...always,
};

function answer<C extends Call>(call: C, args: Args<C>): Reply<C> | Promise<Reply<C>> {
  window.calls.push(call);
  if (lost) throw fixtures.hubUnavailable;
  refuseWhatIsRefused(call);
  const refuse = (error: HubError) => {
    // The frame's own status goes on, so that the page's failure is seen beside it.
    if (call !== "get_status" || location.hash.startsWith("#/home")) throw error;
    return ask(full, call, args);
  };
  switch (window.scene) {
    case "full":
      return ask(full, call, args);
    case "empty":
      return ask(empty, call, args);
    case "four":
      return ask({ ...fourPlatforms, ...serviceSignIn, ...connectApps, ...always }, call, args);
    case "loading":
      return new Promise(() => undefined);
    case "failing":
      return refuse(fixtures.databaseFailed);
    case "forbidden":
      return refuse(fixtures.forbidden);
    case "unopened":
      if (!opened) throw fixtures.wrongKey;
      return ask(full, call, args);
    default:
      return ask(answersOf(window.scene), call, args);
  }
}

function ask<C extends Call>(
  answers: Answers,
  call: C,
  args: Args<C>,
): Reply<C> | Promise<Reply<C>> {
  const known = answers[call];
  if (known === undefined) throw new Error(`the stand-in does not know ${call}`);
  return known(args);
}

/** The sandbox's hub has carried one message and knows nobody of the organisation's own. */
function sandboxAnswer<C extends Call>(call: C, args: Args<C>): Reply<C> | Promise<Reply<C>> {
  window.calls.push(call);
  if (!sandboxHubRuns()) throw fixtures.hubUnavailable;
  refuseWhatIsRefused(call);
  const connected = fixtures.connections.map((known) => ({
    ...known,
    name: "Acme, Inc.",
    health: { ...known.health, state: "connected" as const, detail: null },
    action: null,
  }));
  const status = () =>
    fixtures.status({
      connections: connected,
      paused_since: sandbox.sandboxPausedSince(),
      deliveries: { ...none, delivered: 1, cancelled: 0, dead: 0 },
    });
  const answers: Answers = {
    ...empty,
    get_status: status,
    list_connections: () => connected,
    set_paused: ({ paused }) => {
      sandbox.pauseSandbox(paused);
      return status();
    },
    list_activity: () => sandbox.carried,
    get_delivery: () => sandbox.journey,
  };
  return ask(answers, call, args);
}

window.calls = [];
window.asked = [];
window.loseHub = async () => {
  lost = true;
  await emit("changed", null);
};
window.change = async (over) => {
  changed = over;
  await emit("changed", null);
};

window.askToClose = () => emit("closing", null);
window.hasQuit = false;
window.endJob = endJob;
window.receive = receive;
window.endSignIn = async (how) => {
  endSignIn(how);
  await emit("changed", null);
};
window.opened = [];
window.zoom = 1;
mockWindows("main");

mockIPC(
  async (command, payload) => {
    if (command === "open_hub") {
      opened = true;
      return null;
    }
    if (command === "quit") {
      window.hasQuit = true;
      return null;
    }
    if (command === "open_sign_in") {
      window.opened.push((payload as { id: string }).id);
      return null;
    }
    if (command === "plugin:webview|set_webview_zoom") {
      window.zoom = (payload as { value: number }).value;
      return null;
    }
    if (command === "get_desktop" || command === "set_desktop") {
      return askDesktop(window.scene, command, payload);
    }
    const ofSandbox = sandboxCommand(command, payload, window.scene);
    if (ofSandbox !== undefined) {
      return ofSandbox;
    }
    const { request, world } = payload as {
      request: { call: Call; args: Args<Call> };
      world: World;
    };
    const { call, args } = request;
    return { call, reply: await (world === "own" ? answer(call, args) : sandboxAnswer(call, args)) };
  },
  { shouldMockEvents: true },
);
