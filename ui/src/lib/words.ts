import type {
  AccountKind,
  DeliveryState,
  HealthState,
  LegState,
  Platform,
  StatusReport,
  SyncState,
} from "./backend/bindings";
import type { IconName } from "./icons";
import { strings } from "./strings";

/** The five ways something can look. Never shown by colour alone: each state has its icon and word. */
export type Tone = "ok" | "waiting" | "attention" | "broken" | "neutral";

export type Mark = { tone: Tone; icon: IconName; word: string };

export const PLATFORMS = complete<Platform>({ slack: true, teams: true, webex: true, zoom: true });

export const SYNC_STATES = complete<SyncState>({ any: true, paired: true, unpaired: true });

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

/** How a person stands: waiting messages come before everything else. */
export function personMark(person: { pairings: unknown[]; waiting: number }): Mark {
  if (person.waiting > 0) {
    return { tone: "attention", icon: "clock", word: strings.people.waiting(person.waiting) };
  }
  return person.pairings.length > 0
    ? { tone: "ok", icon: "check", word: strings.people.paired }
    : { tone: "neutral", icon: "minus", word: strings.people.notPaired };
}

/** Whether the hub may act as an account; the hub's own and bots are never asked. */
export function accountMark(account: {
  kind: AccountKind;
  active: boolean;
  authorised: boolean;
}): Mark {
  if (!account.active) {
    return { tone: "neutral", icon: "minus", word: strings.people.deactivated };
  }
  if (account.authorised) {
    return { tone: "ok", icon: "check", word: strings.people.authorised };
  }
  switch (account.kind) {
    case "full":
    case "guest":
      return { tone: "neutral", icon: "lock", word: strings.people.notAuthorised };
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
        : { tone: "neutral", icon: "clock", word: strings.people.notOpened };
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
