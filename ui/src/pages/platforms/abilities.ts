import type { Budget, CapabilityView } from "../../lib/backend/bindings";
import { strings } from "../../lib/strings";

export type AbilityRow = { what: string; how: string };

const words = strings.connections.abilities;

/** A platform's capability table in plain words, what people do first. */
export function abilityRows(of: CapabilityView): AbilityRow[] {
  const carried = of.carried.map(({ doing, grade }) => ({
    what: words.doings[doing],
    how: words.grade(grade),
  }));
  const legs = of.legs.map(({ kind, needs }) => ({
    what: words.legs[kind],
    how: words.legNeeds[needs],
  }));
  const unheard = of.legs.flatMap(({ kind, needs }) => {
    const why = words.legUnheard[needs];
    return why === null ? [] : [{ what: words.unheard, how: `${words.legs[kind]} ${why}` }];
  });
  const rest = [
    { what: words.app, how: words.appNames[of.app_name] },
    { what: words.guests, how: of.guests ? words.guestsYes : words.guestsNo },
    { what: words.buttons, how: of.buttons ? words.buttonsYes : words.buttonsNo },
    { what: words.marker, how: of.marker ? words.markerYes : words.markerNo },
  ];
  return [...carried, ...legs, ...unheard, ...rest, ...of.limits.map(limitRow)];
}

/** Spans other than a second are told by the minute. */
function limitRow({ calls, per_ms, shared_by, spent_on }: Budget): AbilityRow {
  const second = per_ms <= 1_000;
  const many = Math.floor((calls * (second ? 1_000 : 60_000)) / per_ms);
  const span = second ? words.spans.second : words.spans.minute;
  const how =
    shared_by === "conversation"
      ? words.perConversation(many, span)
      : words.perConnection(many, span);
  return { what: words.limit(spent_on), how };
}
