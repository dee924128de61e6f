/** What was measured, beside the same of the baseline in the same run. */
export type Figure = {
  name: string;
  value: number;
  unit: string;
  /** How many times it was measured. */
  n: number;
  baseline: number | null;
  ratio: number | null;
  goal: string | null;
  /** None where there is no goal. */
  met: boolean | null;
};

/** The medians of both, and whether the value is within `times` the baseline. */
export function against(
  name: string,
  unit: string,
  values: number[],
  baselines: number[],
  times: number,
  of: string,
): Figure {
  const value = median(values);
  const baseline = median(baselines);
  const ratio = value / baseline;
  const goal = `<= ${times} x ${of}`;
  return { name, value, unit, n: values.length, baseline, ratio, goal, met: ratio <= times };
}

/** The same without a goal. */
export function beside(name: string, unit: string, values: number[], baselines: number[]): Figure {
  return { ...against(name, unit, values, baselines, Infinity, ""), goal: null, met: null };
}

/** The most there ever was, which is not to be more than `limit`. */
export function atMost(name: string, unit: string, values: number[], limit: number): Figure {
  const value = Math.max(...values);
  const goal = `<= ${limit}`;
  return { name, value, unit, n: values.length, baseline: null, ratio: null, goal, met: value <= limit };
}

/** For the reader to know what the others were taken with. */
export function told(name: string, unit: string, values: number[]): Figure {
  const value = median(values);
  return { name, value, unit, n: values.length, baseline: null, ratio: null, goal: null, met: null };
}

export function median(values: number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle];
  const lower = sorted[sorted.length % 2 === 0 ? middle - 1 : middle];
  if (upper === undefined || lower === undefined) throw new Error("nothing was measured");
  return (lower + upper) / 2;
}

/** Prints a table, then one line of JSON in the shape of `causeway bench --json`. */
export function print(figures: Figure[]): void {
  const head = ["figure", "value", "unit", "n", "baseline", "ratio", "goal", ""];
  const rows = [head, ...figures.map(cells)];
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd(),
  );
  process.stdout.write(`\n${lines.join("\n")}\n${JSON.stringify({ ok: true, figures })}\n\n`);
}

function cells(figure: Figure): string[] {
  const { name, value, unit, n, baseline, ratio, goal, met } = figure;
  const judged = met === null ? "" : met ? "met" : "NOT MET";
  return [name, short(value), unit, String(n), short(baseline), short(ratio), goal ?? "", judged];
}

function short(value: number | null): string {
  return value === null ? "" : String(Number(value.toPrecision(3)));
}
