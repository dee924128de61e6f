import type { Snippet } from "svelte";

/** A column of a grid. `width` is a CSS grid track; its minimum must be a length, or rows would not line up. */
export type Column<Row> = {
  title: string;
  width: string;
  cell: Snippet<[Row]>;
  end?: boolean;
  /** Left out where there is little room, as at large text: the row's details say it too. */
  roomy?: boolean;
};

/** The room that all columns need. */
export const ROOMY = "min-width: 720px";

export const ROW_HEIGHT = 36;

/** Rows that can be selected, by their keys. */
export type Selecting<Row> = {
  keys: ReadonlySet<number>;
  /** What a row is called, for its checkbox. */
  name: (row: Row) => string;
  /** What the checkbox over all of them says. */
  all: string;
  onselect: (keys: number[], selected: boolean) => void;
};

/** The tracks with one in front for checkboxes. */
export function selectable(tracks: string): string {
  return `20px ${tracks}`;
}

export function tracks(columns: { width: string }[]): string {
  return columns.map((column) => column.width).join(" ");
}

/**
 * Gives each of the rows that are drawn a seat, from 0. A row keeps its seat for as long as it is
 * drawn; who comes takes one that was left. The seat of `held` is left empty when that row goes:
 * with the focus in it, the focus would go over to another row.
 */
export function seated(
  before: ReadonlyMap<number, number>,
  keys: number[],
  held: number | null,
): Map<number, number> {
  const kept = new Map(keys.map((key) => [key, before.get(key)]));
  const taken = new Set([...kept.values(), held === null ? undefined : before.get(held)]);
  const free = Array.from({ length: keys.length + 1 }, (_, seat) => seat).filter(
    (seat) => !taken.has(seat),
  );
  return new Map(keys.map((key) => [key, kept.get(key) ?? free.shift() ?? 0]));
}

/** The row that a key moves to from `at`, among `rows`; none for keys that move nowhere. */
export function movedTo(key: string, at: number, rows: number, onScreen: number): number | null {
  const last = rows - 1;
  const page = Math.max(1, onScreen - 1);
  const target = new Map([
    ["ArrowDown", at + 1],
    ["j", at + 1],
    ["ArrowUp", at - 1],
    ["k", at - 1],
    ["PageDown", at + page],
    ["PageUp", at - page],
    ["Home", 0],
    ["End", last],
  ]).get(key);
  return target === undefined || last < 0 ? null : Math.min(Math.max(target, 0), last);
}
