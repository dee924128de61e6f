import { createMutation, createQuery, useQueryClient } from "@tanstack/svelte-query";
import { onDestroy } from "svelte";

import type {
  BeginServiceSignIn,
  ServiceSignInId,
  ServiceSignInState,
  ServiceSignInView,
  SignInApp,
} from "../../lib/backend/bindings";
import { call } from "../../lib/backend/client";
import { asHubError } from "../../lib/backend/errors";
import { serviceSignInQuery } from "../../lib/backend/queries";
import { openSignIn } from "../../lib/backend/shell";

/** How somebody signs in, as far as it is theirs to choose. */
export const WAYS = ["device", "browser"] as const;
export type Way = (typeof WAYS)[number];

type Stage<Kind> = Extract<ServiceSignInState, { kind: Kind }>;

/** The sign-in that the form is for, of whom the hub itself reads or speaks as: at most one at a time. */
export function signingIn() {
  const queries = useQueryClient();
  let id = $state<ServiceSignInId | null>(null);
  const followed = createQuery(() => serviceSignInQuery(id));
  const open = createMutation(() => ({ mutationFn: openSignIn }));
  const begin = createMutation(() => ({
    mutationFn: beginOne,
    onSuccess: (view) => {
      forget();
      queries.setQueryData(serviceSignInQuery(view.id).queryKey, view);
      id = view.id;
      if (view.way !== "device") open.mutate(view.id);
    },
  }));
  const state = $derived(id === null ? null : (followed.data?.state ?? null));
  const lost = $derived(id !== null && followed.isError ? followed.error : null);

  function forget() {
    if (id === null) return;
    // What is over already needs no end.
    call("cancel_service_sign_in", { id }).catch(() => undefined);
    id = null;
    open.reset();
  }

  function stage<Kind extends ServiceSignInState["kind"]>(kind: Kind): Stage<Kind> | null {
    return state?.kind === kind ? (state as Stage<Kind>) : null;
  }

  // Whoever leaves the form waits no longer, and nobody's token is kept for them.
  onDestroy(forget);

  return {
    /** Somebody signs in through the app; where an account is named, as that one. */
    begin: (app: SignInApp, account: string | null, way: Way) =>
      begin.mutate({ app, service_account: account, way, pace: null }),
    cancel: forget,
    open: () => void (id !== null && open.mutate(id)),
    get id() {
      return id;
    },
    get pending() {
      return begin.isPending;
    },
    get waiting() {
      return lost === null ? stage("waiting") : null;
    },
    get signedIn() {
      return stage("signed_in");
    },
    /** Why nobody has signed in; null while that may still come. */
    get error(): unknown {
      if (begin.isError) return begin.error;
      return lost ?? stage("failed")?.error ?? null;
    },
    /** Why no browser was opened. */
    get openError(): unknown {
      return open.isError ? open.error : null;
    },
  };
}

/** Where no port of this computer is free, the browser comes back by a link of the program's. */
async function beginOne(args: BeginServiceSignIn): Promise<ServiceSignInView> {
  try {
    return await call("begin_service_sign_in", args);
  } catch (thrown) {
    if (asHubError(thrown).code !== "listener_failed") throw thrown;
    return call("begin_service_sign_in", { ...args, way: "desktop" });
  }
}
