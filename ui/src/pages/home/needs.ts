import type {
  HealthState,
  NeedsReport,
  NoticeCode,
  StatusReport,
  Timestamp,
} from "../../lib/backend/bindings";
import type { IconName } from "../../lib/icons";
import { pageRoute, type Route } from "../../lib/router";
import { strings } from "../../lib/strings";
import type { Mark, Tone } from "../../lib/words";

/** One thing that does not go on without a person, and what helps. */
export type Need = {
  key: string;
  tone: Tone;
  icon: IconName;
  text: string;
  /** What to do, where the action alone does not say it. */
  detail: string | null;
  /** A page of the platform's where it can be done. */
  link: string | null;
  /** When it changes by itself. */
  until: Timestamp | null;
  action: NeedAction;
};

export type NeedAction =
  | { kind: "go"; name: string; to: Route }
  | { kind: "dismiss"; name: string; notice: number };

const words = strings.home;

/** Everything that needs a person, most important first: what stops messages comes before what delays them. */
export function needsOf(report: NeedsReport): Need[] {
  const connections = report.connections.map(connectionNeed);
  const broken = connections.filter(({ tone }) => tone === "broken");
  const shaky = connections.filter(({ tone }) => tone !== "broken");
  return [
    ...broken,
    ...deliveries(report),
    ...report.notices.map(noticeNeed),
    ...report.consents.map(consentNeed),
    ...shaky,
    ...report.wanted.map(wantedNeed),
  ];
}

/** The answer to "are messages flowing?", with a word more where that does not say it all. */
export function answerOf(
  status: StatusReport,
  needs: number,
): { mark: Mark; explanation: string | null } {
  const stateOf = (state: HealthState) =>
    status.connections.find(({ health }) => health.state === state);
  const about = needs > 0 ? words.attention(needs) : null;
  const plain = (mark: Mark, explanation: string | null = about) => ({ mark, explanation });
  if (status.role === "idle") {
    return plain({ tone: "attention", icon: "pause", word: words.idle }, words.idleText);
  }
  if (status.paused_since !== null) {
    const text = words.allPausedText(status.deliveries.queued);
    return plain({ tone: "attention", icon: "pause", word: words.allPaused }, text);
  }
  const stopped = stateOf("needs_authorisation");
  if (stopped) {
    const word = words.stopped(strings.platforms[stopped.platform]);
    return plain({ tone: "broken", icon: "lock", word });
  }
  const shaky = stateOf("degraded");
  if (shaky) {
    const word = words.shaky(strings.platforms[shaky.platform]);
    return plain({ tone: "attention", icon: "alert", word });
  }
  const paused = stateOf("paused");
  if (paused) {
    const word = words.paused(strings.platforms[paused.platform]);
    return plain({ tone: "neutral", icon: "pause", word });
  }
  if (stateOf("connecting")) {
    return plain({ tone: "waiting", icon: "clock", word: words.connecting });
  }
  return new Set(status.connections.map(({ platform }) => platform)).size < 2
    ? plain({ tone: "neutral", icon: "plug", word: words.onePlatform }, words.onePlatformText)
    : plain({ tone: "ok", icon: "check", word: words.flowing });
}

function connectionNeed(connection: NeedsReport["connections"][number]): Need {
  const { health, id, name, platform } = connection;
  const broken = health.state === "needs_authorisation";
  return {
    key: `connection ${id}`,
    tone: broken ? "broken" : "attention",
    icon: broken ? "lock" : "alert",
    text: words.needs.connection(
      name,
      strings.platforms[platform],
      strings.healthStates[health.state],
    ),
    detail: health.detail,
    link: null,
    until: null,
    action: {
      kind: "go",
      name: broken ? words.needs.connectAgain : words.needs.look,
      to: { page: "platforms", connect: broken ? platform : null },
    },
  };
}

function deliveries({ uncertain, stuck }: NeedsReport): Need[] {
  const activity = pageRoute("activity");
  const need = (state: "uncertain" | "waiting_for_person", text: string, name: string): Need => ({
    key: state,
    tone: "attention",
    icon: state === "uncertain" ? "question" : "person",
    text,
    detail: null,
    link: null,
    until: null,
    action: { kind: "go", name, to: { ...activity, state } },
  });
  return [
    ...(uncertain > 0
      ? [need("uncertain", words.needs.uncertain(uncertain), words.needs.decide)]
      : []),
    ...(stuck > 0
      ? [need("waiting_for_person", words.needs.stuck(stuck), words.needs.lookAtThem(stuck))]
      : []),
  ];
}

/** What is over once it was put right, and is put right on the Platforms page. */
const CHECKED: NoticeCode[] = ["preflight_findings", "credential_ends"];

function noticeNeed(notice: NeedsReport["notices"][number]): Need {
  const { code, id, platform } = notice;
  return {
    key: `notice ${id}`,
    tone: "attention",
    icon: "alert",
    text: notice.message,
    detail: notice.action,
    link: notice.link,
    until: null,
    action: CHECKED.includes(code)
      ? { kind: "go", name: words.needs.checks, to: { page: "platforms", checks: platform } }
      : { kind: "dismiss", name: words.needs.dismiss, notice: id },
  };
}

function consentNeed(consent: NeedsReport["consents"][number]): Need {
  const { connection, deliveries: many, name, person, platform, until } = consent;
  return {
    key: `consent ${person} ${connection}`,
    tone: "waiting",
    icon: "clock",
    text: words.needs.consent(name, strings.platforms[platform], many),
    detail: null,
    link: null,
    until,
    action: personAction(person, name),
  };
}

function wantedNeed({ name, person, platform, times }: NeedsReport["wanted"][number]): Need {
  return {
    key: `wanted ${person} ${platform}`,
    tone: "neutral",
    icon: "search",
    text: words.needs.wanted(name, strings.platforms[platform], times),
    detail: null,
    link: null,
    until: null,
    action: personAction(person, name),
  };
}

function personAction(person: number, name: string): NeedAction {
  return {
    kind: "go",
    name: words.needs.person(name),
    to: { ...pageRoute("people"), open: person },
  };
}
