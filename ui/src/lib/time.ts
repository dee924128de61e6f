import type { Timestamp } from "./backend/bindings";
import { strings } from "./strings";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "2 h ago"; a plain date where more than four weeks lie between. Clocks that differ by less than a minute are "just now". */
export function relativeTime(at: Timestamp, now: Timestamp): string {
  const distance = Math.abs(now - at);
  if (distance < MINUTE) {
    return strings.time.justNow;
  }
  if (distance >= 28 * DAY) {
    return format("medium", undefined).format(at);
  }
  const rough = roughly(distance);
  return at <= now ? strings.time.ago(rough) : strings.time.ahead(rough);
}

/** To the second, for hovering and for screen readers. */
export function exactTime(at: Timestamp): string {
  return format("medium", "medium").format(at);
}

/** A day without its time. */
export function exactDay(at: Timestamp): string {
  return format("medium", undefined).format(at);
}

/** The time of day, as chat apps write it beside a message. */
export function clockTime(at: Timestamp): string {
  return format(undefined, "short").format(at);
}

/** How long something took: "180 ms", "2.4 s", "3 min", "5 h", "2 d". Never negative. */
export function duration(ms: number): string {
  const length = Math.max(0, ms);
  if (length < SECOND) {
    return strings.time.milliseconds(Math.round(length));
  }
  if (length < 10 * SECOND) {
    return strings.time.seconds((Math.floor(length / 100) / 10).toFixed(1));
  }
  return length < MINUTE
    ? strings.time.seconds(Math.floor(length / SECOND).toString())
    : roughly(length);
}

function roughly(ms: number): string {
  if (ms < HOUR) {
    return strings.time.minutes(Math.floor(ms / MINUTE));
  }
  return ms < DAY
    ? strings.time.hours(Math.floor(ms / HOUR))
    : strings.time.days(Math.floor(ms / DAY));
}

type Style = "medium" | "short" | undefined;

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making one takes longer than drawing the rest of a row. */
function format(dateStyle: Style, timeStyle: Style): Intl.DateTimeFormat {
  const name = `${dateStyle} ${timeStyle}`;
  const made =
    formats.get(name) ?? new Intl.DateTimeFormat(strings.locale, { dateStyle, timeStyle });
  formats.set(name, made);
  return made;
}
