import { expect, test } from "vitest";

import type { PersonView } from "../../lib/backend/bindings";
import { asSelection, howMany, NOBODY, selectedKeys, withRows } from "./selection";

const rows = [1, 2, 3].map((id) => ({ id }) as PersonView);
const filter = { search: null, view: "unpaired", primary: null, secondary: null, mode: null } as const;

test("rows are selected and left again one by one", () => {
  const two = withRows(NOBODY, rows, [1, 3], true);
  expect(asSelection(two)).toEqual({ people: [1, 3] });
  expect(howMany(withRows(two, rows, [1], false))).toBe(1);
});

test("everyone who fits is one filter, and all rows are shown as selected", () => {
  const all = { kind: "matching", filter, many: 412 } as const;
  expect(asSelection(all)).toEqual({ matching: filter });
  expect(selectedKeys(all, rows)).toEqual(new Set([1, 2, 3]));
});

test("who leaves everyone leaves the rows that are read selected", () => {
  const all = { kind: "matching", filter, many: 412 } as const;
  expect(asSelection(withRows(all, rows, [2], false))).toEqual({ people: [1, 3] });
});
