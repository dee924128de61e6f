/* What the stand-in answers about checks, and about what is taken to the platforms' consoles. */
import { emit } from "@tauri-apps/api/event";

import type {
  CertificateView,
  FindingView,
  NoticeView,
  Platform,
  PreflightReport,
  SlackManifestView,
} from "../../src/lib/backend/bindings";

declare global {
  // eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- only an interface widens the DOM's own
  interface Window {
    /** What the last checks found, where it is not what the fixtures say. */
    reports: PreflightReport[] | null;
    /** A check that is asked for ends only once this is called. */
    endCheck: (() => void) | null;
    /** Whether checks end by themselves. */
    checksLast: boolean;
    /** Whether checks have found what needs somebody. */
    noticed: boolean;
    /** The hub has checked a platform by itself and found nothing. */
    checkedByItself: (platform: Platform) => Promise<void>;
  }
}

const NOW = Date.now();
const HOUR = 3_600_000;
const APPS =
  "https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade";

const findings: FindingView[] = [
  {
    code: "credentials",
    subject: null,
    detail: "AADSTS7000222",
    weight: "blocks",
    message: "Microsoft does not accept the app’s credentials: the client secret has ended.",
    stops: "Nothing is relayed to or from Microsoft Teams.",
    action:
      "In the app registration, under Certificates & secrets, make a new client secret, or use a certificate, and connect Teams again.",
    link: APPS,
  },
  {
    code: "app_permission",
    subject: "Chat.Read.All",
    detail: null,
    weight: "limits",
    message: "The app lacks the permission Chat.Read.All.",
    stops: "Chats are heard only where somebody in them has authorised their own account.",
    action: "Under API permissions add it, then press Grant admin consent.",
    link: APPS,
  },
  {
    code: "live_events",
    subject: null,
    detail: "polling",
    weight: "advises",
    message: "Teams is asked for messages every few seconds, which is for evaluation.",
    stops:
      "Messages arrive later than they could. Microsoft's terms for Teams allow looking for changes this way once a day, and it may throttle or cut off an app that does it all the time.",
    action: "Give the hub a public address before people rely on it (Settings > Public address).",
    link: "https://learn.microsoft.com/graph/teams-licenses",
  },
];

const slack: PreflightReport = {
  connection: 1,
  platform: "slack",
  name: "Acme, Inc.",
  at: NOW - 2 * HOUR,
  ok: true,
  findings: [],
  unknown: [],
  passed: [
    { code: "reachable", subject: null, message: "Slack answers." },
    { code: "credentials", subject: null, message: "The app's credentials are accepted." },
    { code: "app_permission", subject: null, message: "The app has every permission that it needs." },
    { code: "socket", subject: null, message: "Events come through Socket Mode." },
  ],
};

const teams: PreflightReport = {
  connection: 2,
  platform: "teams",
  name: "Acme GmbH & Co. KG Produktions- und Vertriebsgesellschaft Süd",
  at: NOW - 26 * 60_000,
  ok: false,
  findings,
  unknown: [
    {
      code: "guest_invitations",
      subject: null,
      message:
        "Whether the organisation lets guests be invited was not found out: the app would need Policy.Read.All to see it, and needs it for nothing else.",
    },
  ],
  passed: [
    { code: "reachable", subject: null, message: "Microsoft Teams answers." },
    { code: "clock_skew", subject: null, message: "This computer's clock agrees with Microsoft Teams's." },
  ],
};

window.reports = null;
window.checksLast = false;
window.endCheck = null;
window.noticed = false;
window.checkedByItself = async (platform) => {
  const at = Date.now();
  window.reports = reports().map((one) =>
    one.platform === platform ? { ...one, at, ok: true, findings: [], unknown: [] } : one,
  );
  await emit("changed", null);
};

export function reports(): PreflightReport[] {
  return window.reports ?? [slack, teams];
}

/** Whatever was found is put right by the time it is checked again. */
export async function runPreflight(platform: Platform | null): Promise<PreflightReport[]> {
  if (window.checksLast) await new Promise<void>((done) => (window.endCheck = done));
  const at = Date.now();
  return [slack, teams]
    .filter((one) => platform === null || one.platform === platform)
    .map((one) => ({ ...one, at, ok: true, findings: [], unknown: [] }));
}

export function notices(): NoticeView[] {
  if (!window.noticed) return [];
  const about = { connection: 2, platform: "teams", person: null, link: null, at: NOW } as const;
  return [
    {
      ...about,
      id: 8,
      code: "preflight_findings",
      message: "Something in Acme GmbH (Microsoft Teams) keeps the hub from doing all of its work.",
      action: "Open Platforms and look at what the check has found.",
    },
    {
      ...about,
      id: 9,
      code: "credential_ends",
      message: "What the app proves itself with to Acme GmbH (Microsoft Teams) ends soon.",
      action: "Make a new certificate or secret in the app registration, and connect again with it.",
    },
  ];
}

export const manifest: SlackManifestView = {
  manifest: '{\n  "display_information": { "name": "Causeway" }\n}\n',
  console: "https://api.slack.com/apps?new_app=1",
};

export const certificate: CertificateView = {
  pem: "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ2F1c2V3YXk\n-----END CERTIFICATE-----\n",
  thumbprint: "3F9A0C5D7E21B84466D0A1F2C3B4E5968778695A",
  not_after: NOW + 365 * 24 * HOUR,
};
