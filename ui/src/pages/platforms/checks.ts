import type { CheckCode, FindingView, PreflightReport, Timestamp } from "../../lib/backend/bindings";
import { pageRoute, type Route } from "../../lib/router";
import { strings } from "../../lib/strings";
import type { Mark } from "../../lib/words";

const words = strings.checks;

/** So long the hub's own check after connecting is waited for. */
const PATIENCE_MS = 60_000;

/** Whether the check that the hub makes after connecting, at `since`, is still to come. */
export function isAwaited(
  report: PreflightReport | undefined,
  since: Timestamp | null,
  now: Timestamp,
): boolean {
  if (since === null || now - since > PATIENCE_MS) return false;
  return report === undefined || report.at < since;
}

/** What a check came to, in half a sentence. */
export function outcomeOf({ findings, unknown }: PreflightReport): Mark {
  const keeping = findings.filter(({ weight }) => weight !== "advises").length;
  if (keeping > 0) {
    const blocked = findings.some(({ weight }) => weight === "blocks");
    const word = words.foundKeeping(findings.length, keeping);
    return blocked
      ? { tone: "broken", icon: "cross", word }
      : { tone: "attention", icon: "alert", word };
  }
  if (findings.length > 0) {
    return { tone: "waiting", icon: "info", word: words.found(findings.length) };
  }
  const word = unknown.length > 0 ? words.soundAsFar(unknown.length) : words.sound;
  return { tone: "ok", icon: "check", word };
}

/** How a platform is heard where it does not tell the hub of messages; none where it does. */
export function pollingOf(report: PreflightReport | undefined): FindingView | undefined {
  return report?.findings.find(({ code }) => code === "live_events");
}

type Place = { name: string; to: Route };

/** Where in this window something can be done about a finding. */
export function placeOf(
  code: CheckCode,
  platform: PreflightReport["platform"],
): Place | null {
  const connect: Place = { name: words.places.connect, to: { page: "platforms", connect: platform } };
  const settings: Place = { name: words.places.settings, to: pageRoute("settings") };
  switch (code) {
    case "credentials":
    case "socket":
    case "service_sign_in":
    case "service_permission":
    case "secret_expiry":
    case "certificate_expiry":
    case "own_sign_in_expiry":
      return connect;
    case "live_events":
      // Zoom is heard without a public address once it is connected with a subscription.
      return platform === "zoom" ? connect : settings;
    case "public_address":
      return settings;
    case "visibility":
      return { name: words.places.people, to: pageRoute("people") };
    case "sign_ins":
    case "person_permission":
      return {
        name: words.places.people,
        to: { ...pageRoute("people"), view: "needs_attention" },
      };
    case "reachable":
    case "clock_skew":
    case "app_permission":
    case "reading":
    case "writing":
    case "service_member":
    case "service_licence":
    case "protected_reading":
    case "guest_invitations":
    case "people_consent":
    case "sign_in_codes":
    case "people_sign_in_expiry":
      return null;
  }
}
