import { expect, test } from "vitest";

import type { CapabilityView } from "../../lib/backend/bindings";
import { abilityRows } from "./abilities";

const webex: CapabilityView = {
  platform: "webex",
  carried: [
    { doing: "messages", grade: "carried" },
    { doing: "formatting", grade: { limited: "edits_lose_formatting" } },
    { doing: "edits", grade: { limited: { edits_a_message: 10 } } },
  ],
  legs: [{ kind: "native", needs: "token_of_stand_in" }],
  app_name: "in_the_text",
  speaks_by: "token",
  guests: false,
  guest_note: null,
  marker: false,
  buttons: false,
  limits: [],
};

test("what a platform limits is said with its number or its reason", () => {
  const [messages, formatting, edits] = abilityRows(webex).map(({ how }) => how);
  expect(messages).toBe("carried");
  expect(formatting).toBe("carried; an edited message becomes plain text there");
  expect(edits).toBe(
    "carried; a message there can be edited 10 times, and never where it has files",
  );
});
