/** One part of a bar that stands on the parts before it. */
export type Area = { which: number; nth: number; from: number; to: number };

/** The parts of all bars, each upon those before it; parts of nothing are left out. */
export function areas(series: (number | null)[][]): Area[] {
  const heights: number[] = [];
  return series.flatMap((values, which) =>
    values.flatMap((value, nth) => {
      const from = heights[nth] ?? 0;
      const to = from + (value ?? 0);
      heights[nth] = to;
      return to > from ? [{ which, nth, from, to }] : [];
    }),
  );
}

/** A round number that is not less, and half of which is round as well: 2, 4, 10, 20, 40, 100, … */
export function niceCeiling(value: number): number {
  if (value <= 2) return 2;
  const power = 10 ** Math.floor(Math.log10(value));
  const rounded = [1, 2, 4, 6, 8, 10].find((factor) => factor * power >= value) ?? 10;
  return rounded * power;
}
