export const LOCALE = "en-GB";

export function number(value: number): string {
  return new Intl.NumberFormat(LOCALE).format(value);
}

/** "1 person", "2 people". */
export function count(value: number, one: string, many: string): string {
  return `${number(value)} ${value === 1 ? one : many}`;
}
