import type {
  AccountKind,
  ConsentView,
  DeliveryState,
  GuestState,
  HealthState,
  JobView,
  LegState,
  Mode,
  PairingView,
  PeopleView,
  PersonView,
  Reason,
  Platform,
  StatusReport,
  Weight,
} from "./backend/bindings";
import type { IconName } from "./icons";
import { strings } from "./strings";

/** The five ways something can look. Never shown by colour alone: each state has its icon and word. */
export type Tone = "ok" | "waiting" | "attention" | "broken" | "neutral";

export type Mark = { tone: Tone; icon: IconName; word: string };

export const PLATFORMS = complete<Platform>({ slack: true, teams: true, webex: true, zoom: true });

export const PEOPLE_VIEWS = complete<PeopleView>({
  any: true,
  paired: true,
  unpaired: true,
  needs_attention: true,
  waiting_for_consent: true,
});

export const MODES = complete<Mode>({ full: true, guest: true, app: true });

export const REASONS = complete<Reason>({
  throttled: true,
  unreachable: true,
  not_authorised: true,
  forbidden: true,
  gone: true,
  not_supported: true,
  rejected: true,
  unknown_outcome: true,
  unpaired: true,
  deleted_before: true,
  original_missing: true,
  too_old: true,
  by_administrator: true,
  awaiting_consent: true,
  superseded: true,
  not_needed: true,
  loop_stopped: true,
});

export const DELIVERY_STATES = complete<DeliveryState>({
  queued: true,
  sending: true,
  waiting_for_person: true,
  uncertain: true,
  delivered: true,
  cancelled: true,
  dead: true,
});

/** How a delivery's state is shown. */
export function deliveryMark(state: DeliveryState): Mark {
  const word = strings.deliveryStates[state];
  switch (state) {
    case "queued":
      return { tone: "waiting", icon: "clock", word };
    case "sending":
      return { tone: "waiting", icon: "arrow", word };
    case "waiting_for_person":
      return { tone: "attention", icon: "person", word };
    case "uncertain":
      return { tone: "attention", icon: "question", word };
    case "delivered":
      return { tone: "ok", icon: "check", word };
    case "cancelled":
      return { tone: "neutral", icon: "minus", word };
    case "dead":
      return { tone: "broken", icon: "cross", word };
  }
}

/** How a connection's health is shown. */
export function healthMark(state: HealthState): Mark {
  const word = strings.healthStates[state];
  switch (state) {
    case "connecting":
      return { tone: "waiting", icon: "clock", word };
    case "connected":
      return { tone: "ok", icon: "check", word };
    case "degraded":
      return { tone: "attention", icon: "alert", word };
    case "needs_authorisation":
      return { tone: "broken", icon: "lock", word };
    case "paused":
      return { tone: "neutral", icon: "pause", word };
  }
}

/** How much something that a check has found matters. */
export function weightMark(weight: Weight): Mark {
  const word = strings.checks.weights[weight];
  switch (weight) {
    case "blocks":
      return { tone: "broken", icon: "cross", word };
    case "limits":
      return { tone: "attention", icon: "alert", word };
    case "advises":
      return { tone: "waiting", icon: "info", word };
  }
}

/** How a person stands: what needs somebody comes before how their pairing fares. */
export function personMark(person: Pick<PersonView, "needs" | "pairings">): Mark {
  const need = person.needs[0];
  if (need !== undefined) {
    return { tone: "attention", icon: "alert", word: strings.people.needs[need] };
  }
  const [first] = person.pairings.map(pairingMark).sort((a, b) => urgency(a) - urgency(b));
  return first ?? { tone: "neutral", icon: "minus", word: strings.people.notPaired };
}

/** How far a pairing has come: whether its person, or their guest account, can be spoken as. */
export function pairingMark(pairing: Pick<PairingView, "mode" | "consent" | "guest" | "speaks_as">): Mark {
  switch (pairing.mode) {
    case "app":
      return { tone: "ok", icon: "check", word: strings.people.throughApp };
    case "guest":
      return guestMark(pairing.guest ?? "wanted", pairing.speaks_as === "guest");
    case "full":
      return pairing.consent.state === "not_needed" && pairing.speaks_as === "full"
        ? { tone: "ok", icon: "check", word: strings.people.consents.by_role }
        : consentMark(pairing.consent);
  }
}

function guestMark(guest: GuestState, signedIn: boolean): Mark {
  const words = strings.people.guests;
  switch (guest) {
    case "wanted":
      return { tone: "waiting", icon: "clock", word: words.wanted };
    case "invited":
      return { tone: "waiting", icon: "clock", word: words.invited };
    case "redeemed":
      return signedIn
        ? { tone: "ok", icon: "check", word: words.signedIn }
        : { tone: "attention", icon: "lock", word: words.notSignedIn };
    case "forbidden":
      return { tone: "broken", icon: "cross", word: words.forbidden };
  }
}

/** Where somebody's consent stands. */
export function consentMark(consent: Pick<ConsentView, "state" | "lapsed">): Mark {
  const words = strings.people.consents;
  switch (consent.state) {
    case "not_needed":
      return { tone: "neutral", icon: "minus", word: words.not_needed };
    case "not_asked":
      return { tone: "neutral", icon: "minus", word: words.not_asked };
    case "asked":
      return consent.lapsed
        ? { tone: "attention", icon: "clock", word: words.lapsed }
        : { tone: "waiting", icon: "clock", word: words.asked };
    case "granted":
      return { tone: "ok", icon: "check", word: words.granted };
    case "declined":
      return { tone: "neutral", icon: "minus", word: words.declined };
    case "revoked":
      return { tone: "attention", icon: "lock", word: words.revoked };
  }
}

function urgency(mark: Mark): number {
  switch (mark.tone) {
    case "broken":
      return 0;
    case "attention":
      return 1;
    case "waiting":
      return 2;
    case "neutral":
      return 3;
    case "ok":
      return 4;
  }
}

/** How something that takes a while stands. */
export function jobMark(job: Pick<JobView, "kind" | "state" | "failed">): Mark {
  const word = strings.jobs.states[job.kind][job.state];
  switch (job.state) {
    case "running":
    case "stopping":
      return { tone: "waiting", icon: "clock", word };
    case "stopped":
      return { tone: "neutral", icon: "minus", word };
    case "finished":
      return job.failed > 0
        ? { tone: "attention", icon: "alert", word }
        : { tone: "ok", icon: "check", word };
    case "failed":
      return { tone: "broken", icon: "cross", word };
  }
}

/** Whether the hub may act as an account; the hub's own and bots are never asked. */
export function accountMark(account: {
  kind: AccountKind;
  active: boolean;
  authorised: boolean;
}): Mark {
  if (!account.active) {
    return { tone: "neutral", icon: "minus", word: strings.people.panel.deactivated };
  }
  if (account.authorised) {
    return { tone: "ok", icon: "check", word: strings.people.panel.authorised };
  }
  switch (account.kind) {
    case "full":
    case "guest":
      return { tone: "neutral", icon: "lock", word: strings.people.panel.notAuthorised };
    case "app":
    case "bot":
      return { tone: "neutral", icon: "minus", word: strings.accountKinds[account.kind] };
  }
}

/** Where a leg stands; a current one without a conversation opens with the first message. */
export function legMark(leg: { state: LegState; opened: boolean }): Mark {
  switch (leg.state) {
    case "current":
      return leg.opened
        ? { tone: "ok", icon: "check", word: strings.legStates.current }
        : { tone: "neutral", icon: "clock", word: strings.people.panel.notOpened };
    case "old":
      return { tone: "neutral", icon: "minus", word: strings.legStates.old };
    case "closed":
      return { tone: "neutral", icon: "pause", word: strings.legStates.closed };
  }
}

/** The one answer to "are messages flowing?", worst first. */
export function relayMark(status: StatusReport): Mark {
  const { role, connections } = status;
  const states = connections.map((connection) => connection.health.state);
  const words = strings.relay;
  if (role === "idle") {
    return { tone: "attention", icon: "pause", word: words.idle };
  }
  if (connections.length === 0) {
    return { tone: "neutral", icon: "minus", word: words.empty };
  }
  if (status.paused_since !== null) {
    return { tone: "neutral", icon: "pause", word: words.allPaused };
  }
  if (states.includes("needs_authorisation")) {
    return { tone: "broken", icon: "lock", word: words.needsAuthorisation };
  }
  if (states.includes("degraded")) {
    return { tone: "attention", icon: "alert", word: words.degraded };
  }
  if (states.includes("paused")) {
    return { tone: "neutral", icon: "pause", word: words.paused };
  }
  return states.includes("connecting")
    ? { tone: "waiting", icon: "clock", word: words.connecting }
    : { tone: "ok", icon: "check", word: words.relaying };
}

/** A union's words as a list that the compiler holds complete. */
function complete<T extends string>(all: Record<T, true>): readonly T[] {
  return Object.keys(all) as T[];
}
