/** A step in a platform's console: what is said of it, and a box for each value that it asks for. */
export type ListedStep = { title: string; lines: readonly (string | readonly string[])[] };

/** The values of a line that are ticked off one by one. */
export function boxes(values: readonly string[]): string[] {
  return values.map((value) => `[ ] ${value}`);
}

/** Steps as plain text, for whoever may do them in the console. */
export function checklistOf(steps: readonly ListedStep[]): string {
  const listed = steps.flatMap(({ title, lines }, nth) => [
    `${nth + 1}. ${title}`,
    ...lines.flat().map((line) => `   ${line}`),
  ]);
  return [...listed, ""].join("\n");
}
