import type { PersonView } from "../../lib/backend/bindings";
import { go } from "../../lib/location.svelte";
import { pageRoute } from "../../lib/router";
import { strings } from "../../lib/strings";
import type { Entry } from "./entries";

const words = strings.palette;

/** Opens someone's details. */
export function personEntry({ accounts, email, id, name }: PersonView): Entry {
  return {
    key: `person ${id}`,
    group: "people",
    name,
    icon: "person",
    detail: email ?? words.noEmail,
    platforms: [...new Set(accounts.map(({ platform }) => platform))],
    run: () => go({ ...pageRoute("people"), open: id }),
  };
}

/** Shows what went to and from whoever is called so. */
export function deliveriesEntry(person: string): Entry {
  return {
    key: "deliveries",
    group: "deliveries",
    name: words.deliveriesOf(person),
    icon: "activity",
    run: () => go({ ...pageRoute("activity"), person }),
  };
}
