/*
 * The hub of a large organisation, outside of the page as the real one is. A row is made when it is
 * asked for, from its place in the list.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

import type { ActivityEntry, PersonView, StatusReport } from "../../src/lib/backend/bindings";
import type { Args, Call, Reply } from "../../src/lib/backend/client";
import * as fixtures from "../pages/fixtures";
import * as settings from "../pages/settings-fixtures";
import type { Size } from "./stand-in";

export const PEOPLE = 100_000;
export const DELIVERIES = 1_000_000;
export const PER_SECOND = 500;

type Asked = { [C in Call]: { call: C; args: Args<C> } }[Call];

export class Hub {
  private liveSince: number | null = null;

  /** From now on deliveries come in, in a hub that has any. */
  begin(): void {
    this.liveSince = performance.now();
  }

  end(): void {
    this.liveSince = null;
  }

  /** Answers the window's calls over HTTP, as the shell does over its own scheme. */
  readonly listen = (request: IncomingMessage, response: ServerResponse): void => {
    text(request).then(
      (body) => {
        const { size, asked } = JSON.parse(body) as { size: Size; asked: Asked };
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify(this.answer(size, asked)));
      },
      () => response.destroy(),
    );
  };

  private newest(): number {
    const elapsed = this.liveSince === null ? 0 : performance.now() - this.liveSince;
    return DELIVERIES + Math.floor((elapsed / 1_000) * PER_SECOND);
  }

  private answer(size: Size, { call, args }: Asked): Reply<Call> {
    const isEmpty = size === "empty";
    const goesOn = size === "large";
    switch (call) {
      case "get_status":
        return this.status();
      case "list_connections":
        return fixtures.connections;
      case "get_needs":
        return settings.nothingNeeded;
      case "list_jobs":
        return [];
      case "count_people":
        return { ...NOBODY, any: isEmpty ? 0 : PEOPLE };
      case "list_people": {
        const start = Number(args.after ?? 0);
        const end = Math.min(start + (args.limit ?? 0), PEOPLE);
        if (isEmpty) return { people: [], next: null };
        return {
          people: range(start, end).map(person),
          next: goesOn && end < PEOPLE ? String(end) : null,
        };
      }
      case "list_activity": {
        const first = args.before === null ? this.newest() : Number(args.before) - 1;
        const last = Math.max(first - (args.limit ?? 0), 0);
        if (isEmpty) return { entries: [], next: null };
        const ids = range(last + 1, first + 1).toReversed();
        return { entries: ids.map(entry), next: goesOn && last > 0 ? String(last + 1) : null };
      }
      default:
        throw new Error(`nobody in the bench asks for ${call}`);
    }
  }

  private status(): StatusReport {
    const newest = this.newest();
    const status = fixtures.status({ revision: newest });
    return { ...status, deliveries: { ...status.deliveries, delivered: newest } };
  }
}

const NOBODY = {
  any: 0,
  paired: 0,
  unpaired: 0,
  needs_attention: 0,
  waiting_for_consent: 0,
  suggestions: 0,
};

function range(start: number, end: number): number[] {
  return Array.from({ length: Math.max(end - start, 0) }, (_, index) => start + index);
}

function person(index: number): PersonView {
  const like = alike(fixtures.people, index);
  return { ...like, id: index + 1, name: `${like.name} ${index + 1}` };
}

function entry(id: number): ActivityEntry {
  const like = alike(fixtures.entries, DELIVERIES * 2 - id);
  return { ...like, id, author: `${like.author} ${id}` };
}

function alike<Row>(rows: Row[], index: number): Row {
  const row = rows[index % rows.length];
  if (row === undefined) throw new Error("the fixtures have rows");
  return row;
}
