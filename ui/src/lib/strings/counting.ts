export const LOCALE = "en-GB";

const format = new Intl.NumberFormat(LOCALE);

export function number(value: number): string {
  return format.format(value);
}

/** "1 person", "2 people". */
export function count(value: number, one: string, many: string): string {
  return `${number(value)} ${value === 1 ? one : many}`;
}
