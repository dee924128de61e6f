import { createMutation, useMutationState } from "@tanstack/svelte-query";

import type { CertificateView } from "../../lib/backend/bindings";
import { call } from "../../lib/backend/client";

const mutationKey = ["make-certificate"];

/**
 * The certificate that was made last in this window, and the way to make one. It is shown again
 * wherever the form is opened anew: uploading it takes a while, and another would replace it.
 */
export function makingCertificate() {
  const made = useMutationState<CertificateView | undefined>({
    filters: { mutationKey, status: "success" },
    select: ({ state }) => state.data as CertificateView | undefined,
  });
  const make = createMutation(() => ({
    mutationKey,
    mutationFn: () => call("make_certificate", {}),
    gcTime: Infinity,
  }));
  return {
    get made() {
      return made.at(-1);
    },
    make: () => make.mutate(),
    get pending() {
      return make.isPending;
    },
    get error() {
      return make.isError ? make.error : null;
    },
  };
}
