import { strings } from "../../lib/strings";

const words = strings.connections.form;

/** What is wrong with each of what is typed into a form. */
export type Problems<Fields> = { [Name in keyof Fields]: string | null };

export function isSound<Fields>(problems: Problems<Fields>): boolean {
  return Object.values(problems).every((problem) => problem === null);
}

/** What has to be given is asked for by its name. */
export function given(what: string, text: string): string | null {
  return text.trim() === "" ? words.missing(inSentence(what)) : null;
}

/** The name of a field as it stands within a sentence. */
export function inSentence(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/** An address may be left out. The hub itself judges which plain ones it takes. */
export function url(text: string): string | null {
  const trimmed = text.trim();
  return trimmed === "" || /^https?:\/\/[^\s/]+/.test(trimmed) ? null : words.notAnUrl;
}

/** As the hub takes what may be left out. */
export function orNull(text: string): string | null {
  return text.trim() || null;
}

/** Whether any of these was given: what belongs together comes together or not at all. */
export function isAnyGiven(...texts: string[]): boolean {
  return texts.some((text) => text.trim() !== "");
}
