import type { ConnectionView, PersonView, Platform } from "../../lib/backend/bindings";

type Standing = Pick<PersonView, "accounts" | "pairings">;

/** Where anybody can be paired, in the order in which it was connected. */
export function connectedPlatforms(connections: ConnectionView[] | undefined): Platform[] {
  return [...new Set(connections?.map(({ platform }) => platform))];
}

/** Where somebody may work: where their pairings say so, else wherever they have an account of their own. */
export function primariesFor(platforms: Platform[], { accounts, pairings }: Standing): Platform[] {
  const known = pairings[0]?.primary;
  if (known !== undefined) return [known];
  const usable = accounts.filter(({ active }) => active);
  const own = usable.filter(({ kind }) => kind === "full");
  return platforms.filter((platform) =>
    (own.length > 0 ? own : usable).some((one) => one.platform === platform),
  );
}

/** Where somebody is not represented yet, and does not work as far as that is known. */
export function secondariesFor(platforms: Platform[], { pairings }: Standing): Platform[] {
  const taken = pairings.flatMap(({ primary, secondary }) => [primary, secondary]);
  return platforms.filter((platform) => !taken.includes(platform));
}
