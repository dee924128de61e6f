import { createQuery } from "@tanstack/svelte-query";

import { addressQuery } from "../../lib/backend/queries";
import { strings } from "../../lib/strings";

/** The hub's public address, for what a console has to be told; where it cannot be read, none. */
export function publicAddress() {
  const address = createQuery(() => addressQuery);
  return {
    get url(): string | null {
      return address.data?.public_url ?? address.data?.in_use?.public_url ?? null;
    },
  };
}

/** Where people's browsers come back to, below the hub's public address, or below a placeholder. */
export function webRedirect(publicUrl: string | null): string {
  const address = publicUrl ?? strings.setup.yourAddress;
  return `${address.replace(/\/+$/, "")}/hooks/consent/callback`;
}
