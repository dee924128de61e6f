import type { PeopleFilter, PersonView, Selection } from "../../lib/backend/bindings";

/** Who is selected on the page: some by themselves, or everyone who fits the filters. */
export type Selected =
  | { kind: "people"; ids: ReadonlySet<number> }
  | { kind: "matching"; filter: PeopleFilter; many: number };

export const NOBODY: Selected = { kind: "people", ids: new Set() };

export function howMany(selected: Selected): number {
  return selected.kind === "people" ? selected.ids.size : selected.many;
}

/** As the hub takes it. */
export function asSelection(selected: Selected): Selection {
  return selected.kind === "people"
    ? { people: [...selected.ids] }
    : { matching: selected.filter };
}

/** The keys of the rows that are shown as selected. */
export function selectedKeys(selected: Selected, rows: PersonView[]): ReadonlySet<number> {
  return selected.kind === "people" ? selected.ids : new Set(rows.map(({ id }) => id));
}

/** With these rows selected or not; a row that leaves "everyone who fits" leaves the others selected. */
export function withRows(
  selected: Selected,
  rows: PersonView[],
  keys: number[],
  on: boolean,
): Selected {
  const ids = new Set(selectedKeys(selected, rows));
  for (const key of keys) {
    if (on) ids.add(key);
    else ids.delete(key);
  }
  return { kind: "people", ids };
}
