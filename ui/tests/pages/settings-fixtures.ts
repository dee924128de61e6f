import type {
  AddressView,
  CapabilityView,
  DisconnectEffect,
  NeedsReport,
  PolicyView,
  StatsReport,
  StatsSpan,
} from "../../src/lib/backend/bindings";
import { connections } from "./fixtures";

const NOW = Date.now();
const HOUR = 3_600_000;

export const needs: NeedsReport = {
  connections: connections.filter(({ health }) => health.state === "needs_authorisation"),
  notices: [
    {
      id: 7,
      connection: 2,
      platform: "teams",
      code: "device_code_blocked",
      person: null,
      message:
        "Acme GmbH & Co. KG (Microsoft Teams) blocks signing in with a code, which is how people are asked.",
      action:
        "Allow the device code flow for this app in the conditional access policies, or give the hub a public address.",
      link: null,
      at: NOW - HOUR,
    },
  ],
  uncertain: 1,
  stuck: 2,
  consents: [
    {
      person: 4,
      name: "Dana Okonkwo",
      platform: "teams",
      connection: 2,
      deliveries: 3,
      until: NOW + 50 * HOUR,
    },
  ],
  wanted: [{ person: 7, name: "Gustav Tan", platform: "slack", times: 2 }],
};

export const nothingNeeded: NeedsReport = {
  connections: [],
  notices: [],
  uncertain: 0,
  stuck: 0,
  consents: [],
  wanted: [],
};

export function stats(span: StatsSpan): StatsReport {
  const [bucket_ms, many] = span === "day" ? [HOUR, 24] : [6 * HOUR, 28];
  const until = (Math.floor(NOW / HOUR) + 1) * HOUR;
  return {
    bucket_ms,
    buckets: Array.from({ length: many }, (_, nth) => {
      const quiet = nth % 12 === 3;
      const delivered = quiet ? 0 : 40 + ((nth * 37) % 90);
      return {
        at: until - (many - nth) * bucket_ms,
        delivered,
        failed: nth % 9 === 5 ? 6 : 0,
        open: nth === many - 1 ? 8 : 0,
        median_ms: quiet ? null : 380 + ((nth * 53) % 240),
        p95_ms: quiet ? null : 900 + ((nth * 211) % 1_900),
      };
    }),
    waiting: [
      { state: "queued", reason: null, paused: false, deliveries: 42 },
      { state: "waiting_for_person", reason: "awaiting_consent", paused: false, deliveries: 3 },
      { state: "queued", reason: "throttled", paused: false, deliveries: 2 },
      { state: "uncertain", reason: "unknown_outcome", paused: false, deliveries: 1 },
    ],
  };
}

export const nothingDelivered: StatsReport = { ...stats("day"), buckets: [], waiting: [] };

const carried: CapabilityView["carried"] = [
  { doing: "messages", grade: "carried" },
  { doing: "edits", grade: "carried" },
  { doing: "files", grade: "as_link" },
  { doing: "threads", grade: "flattened" },
  { doing: "reactions", grade: "not_carried" },
];

export const capabilities: CapabilityView[] = [
  {
    platform: "slack",
    carried,
    legs: [
      { kind: "native", needs: "token_of_stand_in" },
      { kind: "group", needs: "account_of_stand_in" },
      { kind: "private", needs: "app_alone" },
    ],
    app_name: "over_the_post",
    speaks_by: "token",
    guests: false,
    guest_note: null,
    marker: true,
    buttons: true,
    limits: [
      { spent_on: "post", shared_by: "conversation", calls: 60, per_ms: 60_000, burst: 4 },
      { spent_on: "post", shared_by: "connection", calls: 300, per_ms: 60_000, burst: 60 },
    ],
  },
  {
    platform: "teams",
    carried,
    legs: [
      { kind: "native", needs: "token_of_stand_in" },
      { kind: "group", needs: "app_alone" },
    ],
    app_name: "in_the_text",
    speaks_by: "token",
    guests: true,
    guest_note: null,
    marker: false,
    buttons: false,
    limits: [{ spent_on: "post", shared_by: "conversation", calls: 4, per_ms: 1_000, burst: 4 }],
  },
  ...(["webex", "zoom"] as const).map((platform) => ({
    platform,
    carried,
    legs: [
      { kind: "native" as const, needs: "token_of_stand_in" as const },
      { kind: "group" as const, needs: "app_alone" as const },
    ],
    app_name: "in_the_text" as const,
    speaks_by: platform === "zoom" ? ("role" as const) : ("token" as const),
    guests: true,
    guest_note:
      platform === "zoom"
        ? "On Zoom a guest is a Basic user of the account, which the hub makes; nothing is mailed to them."
        : "On Webex guests belong to the organisation's Service App: they can talk with its members, and not with other guests.",
    marker: false,
    buttons: false,
    limits: [
      { spent_on: "post" as const, shared_by: "connection" as const, calls: 10, per_ms: 1_000, burst: 10 },
    ],
  })),
];

export const policy: PolicyView = {
  consent_wait_ms: 72 * HOUR,
  catch_up_ms: 14 * 24 * HOUR,
  relay_unpaired: true,
  ledger_kept_ms: 90 * 24 * HOUR,
};

export const address: AddressView = {
  listen: "127.0.0.1:8420",
  public_url: "https://causeway.acme.example",
  in_use: {
    listen: "127.0.0.1:8420",
    public_url: "https://causeway.acme.example",
    from: "settings",
  },
  waits_for_start: false,
  problem: null,
  request_urls: [
    ["Event Subscriptions", "events"],
    ["Slash Commands", "commands"],
    ["Interactivity & Shortcuts", "interactive"],
  ].map(([page = "", place]) => ({
    platform: "slack",
    page,
    url: `https://causeway.acme.example/hooks/slack-1/${place}`,
  })),
};

export const noAddress: AddressView = {
  listen: null,
  public_url: null,
  in_use: null,
  waits_for_start: false,
  problem: null,
  request_urls: [],
};

export const disconnectEffect: DisconnectEffect = {
  platform: "teams",
  name: "Acme",
  pairings: 96,
  people: 90,
  unsent: 7,
  guests: 3,
  authorised: 12,
  words: [
    "96 pairings of 90 people end.",
    "7 deliveries that wait are not sent any more.",
    "The hub forgets its credentials there, and what 12 people authorised.",
    "3 guest accounts that the hub made stay in Microsoft Teams.",
    "The record of what was delivered stays.",
  ],
};
