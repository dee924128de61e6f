/*
 * What the stand-in answers about people, what takes a while, and the ledger. A job that is begun
 * stays half done until it is stopped or the test lets it end.
 */
import { emit } from "@tauri-apps/api/event";

import type {
  ActivityFilter,
  JobView,
  PeopleFilter,
  PersonView,
  Selection,
} from "../../src/lib/backend/bindings";
import * as fixtures from "./fixtures";
import type { Answers } from "./stand-in";

const PAGE = 200;

let jobs: JobView[] = [];
const aside = new Map<number, number | null>();
/** Deliveries that were received since the window opened. */
let arrived = 0;

/** The job that goes on comes to its end, one of those gone through in vain. */
export async function endJob(): Promise<void> {
  jobs = jobs.map((job) =>
    job.ended_at !== null
      ? job
      : {
          ...job,
          state: job.state === "stopping" ? "stopped" : "finished",
          ended_at: Date.now(),
          done: job.state === "stopping" ? job.done : (job.total ?? 1_240),
          failed: job.kind === "pair" ? 1 : 0,
          failures:
            job.kind === "pair"
              ? [{ person: 3, name: "Cho Ruiz", error: fixtures.forbidden }]
              : [],
        },
  );
  await emit("changed", null);
}

/** So many more deliveries come in. */
export async function receive(many: number): Promise<void> {
  arrived += many;
  await emit("changed", null);
}

function fits(person: PersonView, filter: PeopleFilter): boolean {
  const wanted = filter.search?.toLowerCase() ?? "";
  const [pairing] = person.pairings;
  const inView = {
    any: true,
    paired: pairing !== undefined,
    unpaired: pairing === undefined,
    needs_attention: person.needs.length > 0,
    waiting_for_consent: pairing?.consent.state === "asked",
  }[filter.view];
  return (
    inView &&
    `${person.name} ${person.email ?? ""}`.toLowerCase().includes(wanted) &&
    (filter.primary === null || pairing?.primary === filter.primary) &&
    (filter.secondary === null || pairing?.secondary === filter.secondary) &&
    (filter.mode === null || pairing?.mode === filter.mode)
  );
}

function selected(who: Selection): PersonView[] {
  return fixtures.people.filter((person) =>
    "people" in who ? who.people.includes(person.id) : fits(person, who.matching),
  );
}

function many(who: Selection): number {
  return "people" in who ? who.people.length : selected(who).length;
}

function begin(over: Partial<JobView>): JobView {
  const job = fixtures.job({ id: jobs.length + 1, started_at: Date.now(), ...over });
  jobs = [job, ...jobs];
  return job;
}

function shown(filter: ActivityFilter) {
  const fresh = fixtures.entries.slice(0, 1).flatMap((first) =>
    Array.from({ length: Math.min(arrived, PAGE) }, (_, index) => ({
      ...first,
      id: first.id + arrived - index,
      written_at: Date.now(),
      author: `Newcomer ${arrived - index}`,
    })),
  );
  return [...fresh, ...fixtures.entries].filter(
    (entry) =>
      (filter.state === null || entry.state === filter.state) &&
      (filter.reason === null || entry.reason === filter.reason) &&
      (filter.platform === null ||
        entry.to_platform === filter.platform ||
        entry.from_platform === filter.platform) &&
      (filter.person === null || `${entry.author} ${entry.to}`.includes(filter.person)) &&
      (filter.of === null || filter.of < 100),
  );
}

function found<T>(one: T | undefined): T {
  if (one === undefined) throw fixtures.gone;
  return one;
}

export const peopleAndActivity: Answers = {
  list_people: ({ filter, after, limit }) => {
    const start = Number(after ?? 0);
    const fitting = fixtures.people.filter((person) => fits(person, filter));
    const end = start + (limit ?? PAGE);
    return {
      people: fitting.slice(start, end),
      next: end < fitting.length ? String(end) : null,
    };
  },
  count_people: ({ filter }) => {
    const of = (view: PeopleFilter["view"]) =>
      fixtures.people.filter((person) => fits(person, { ...filter, view })).length;
    return {
      any: of("any"),
      paired: of("paired"),
      unpaired: of("unpaired"),
      needs_attention: of("needs_attention"),
      waiting_for_consent: of("waiting_for_consent"),
      suggestions: fixtures.suggestions.length - aside.size,
    };
  },
  get_person: ({ person }) => found(fixtures.details(person)),
  list_suggestions: (args) => {
    const list = fixtures.suggestions.filter(({ person }) => aside.has(person) === args.aside);
    const start = Number(args.after ?? 0);
    const end = start + (args.limit ?? 50);
    return {
      total: list.length,
      suggestions: list.slice(start, end).map((one) => {
        const until = aside.get(one.person);
        return { ...one, aside: until === undefined ? null : { at: Date.now(), until } };
      }),
      next: end < list.length ? String(end) : null,
    };
  },
  decide_suggestion: ({ person, decision }) => {
    if (decision === "show") aside.delete(person);
    else aside.set(person, decision === "later" ? Date.now() + 7 * 24 * 3_600_000 : null);
    return { person, name: "", aside: null };
  },
  pair_person: () => found(fixtures.people[0]?.pairings[0]),
  ask_again: () => found(fixtures.people[3]?.pairings[0]),
  revoke_consent: () => found(fixtures.people[3]?.pairings[0]),
  change_mode: () => found(fixtures.people[3]?.pairings[0]),
  preview_bulk: ({ who }) => fixtures.preview(selected(who).map(({ name }) => name)),
  preview_unpairing: ({ who }) => ({
    people: many(who),
    pairings: many(who),
    waiting: 3,
    guests: 1,
    not_paired: 0,
  }),
  start_pairing: ({ who }) => begin({ kind: "pair", total: many(who), done: 1 }),
  start_unpairing: ({ who }) =>
    begin({ kind: "unpair", total: many(who), done: 1, words: "1 person is unpaired." }),
  start_import: () =>
    begin({ kind: "import", total: null, done: 400, words: "Slack: 400 added, 0 changed." }),
  start_export: ({ path }) =>
    begin({ kind: "export", total: null, done: 500, words: `500 deliveries are in ${path}.` }),
  list_jobs: () => jobs,
  stop_job: ({ job }) => {
    jobs = jobs.map((one) => (one.id === job ? { ...one, state: "stopping" } : one));
    return found(jobs.find(({ id }) => id === job));
  },
  list_activity: ({ filter, before, limit }) => {
    const start = Number(before ?? 0);
    const fitting = shown(filter);
    const end = start + (limit ?? PAGE);
    return {
      entries: fitting.slice(start, end),
      next: end < fitting.length ? String(end) : null,
    };
  },
  get_delivery: ({ delivery }) => found(fixtures.delivery(delivery)),
  retry_delivery: () => found(fixtures.entries[0]),
  skip_delivery: () => found(fixtures.entries[0]),
  resolve_delivery: () => found(fixtures.entries[0]),
};

export const nobodyAndNothing: Answers = {
  list_people: () => ({ people: [], next: null }),
  count_people: () => ({
    any: 0,
    paired: 0,
    unpaired: 0,
    needs_attention: 0,
    waiting_for_consent: 0,
    suggestions: 0,
  }),
  list_suggestions: () => ({ total: 0, suggestions: [], next: null }),
  list_jobs: () => [],
  list_activity: () => ({ entries: [], next: null }),
};
