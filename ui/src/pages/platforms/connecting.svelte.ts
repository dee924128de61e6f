import { createMutation, useQueryClient } from "@tanstack/svelte-query";

import type { ConnectionView } from "../../lib/backend/bindings";
import { connectionsQuery, statusQuery } from "../../lib/backend/queries";
import { isSound, type Problems } from "./credentials";

type Form<Fields> = {
  empty: Fields;
  check: (fields: Fields) => Problems<Fields>;
  send: (fields: Fields) => Promise<ConnectionView>;
  ondone: () => void;
};

/** What a form and its fields share. */
export type Connecting<Fields> = {
  fields: Fields;
  /** What is wrong with a field, once that may be said. */
  problem: (name: keyof Fields) => string | null;
  leave: (name: keyof Fields) => void;
};

/** The fields of a form that connects a platform, what is wrong with them, and the way to the hub. */
export function connecting<Fields extends Record<string, string>>(form: Form<Fields>) {
  const queries = useQueryClient();
  const fields = $state({ ...form.empty });
  /** Fields that were left, or all once the form was sent: nobody is scolded while typing. */
  let seen = $state<(keyof Fields)[]>([]);
  const problems = $derived(form.check(fields));
  const connect = createMutation(() => ({
    mutationFn: () => form.send(fields),
    onSuccess: async () => {
      await Promise.all([
        queries.invalidateQueries({ queryKey: connectionsQuery.queryKey }),
        queries.invalidateQueries({ queryKey: statusQuery.queryKey }),
      ]);
      form.ondone();
    },
  }));
  return {
    fields,
    problem: (name: keyof Fields) => (seen.includes(name) ? problems[name] : null),
    leave: (name: keyof Fields) => void seen.push(name),
    /** Whether nothing is wrong with these fields; what is, is said from now on. */
    holds(names: (keyof Fields)[]) {
      seen.push(...names);
      return names.every((name) => problems[name] === null);
    },
    submit() {
      seen = Object.keys(fields);
      if (isSound(problems)) connect.mutate();
    },
    get pending() {
      return connect.isPending;
    },
    /** Why it was not connected; null where it was not tried or is being tried. */
    get error() {
      return connect.isError ? connect.error : null;
    },
  };
}
