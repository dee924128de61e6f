import type { Span } from "../../components/Chart.svelte";
import type { StatsBucket, StatsSpan } from "../../lib/backend/bindings";
import { strings } from "../../lib/strings";
import { duration } from "../../lib/time";

/** When each span begins: the hour within a day, the day within a week. */
export function spanNames(buckets: StatsBucket[], span: StatsSpan): Span[] {
  const short = new Intl.DateTimeFormat(
    strings.locale,
    span === "day" ? { hour: "2-digit", minute: "2-digit" } : { weekday: "short", hour: "2-digit" },
  );
  const long = new Intl.DateTimeFormat(strings.locale, {
    weekday: "short",
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
  });
  return buckets.map(({ at }) => ({ short: short.format(at), long: long.format(at) }));
}

export function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** How long the last deliveries took. */
export function delaySummary(buckets: StatsBucket[]): string {
  const last = buckets.map(({ median_ms }) => median_ms).findLast((median) => median !== null);
  return last === undefined || last === null
    ? strings.home.charts.nothing
    : strings.home.charts.showsDelay(duration(last));
}
