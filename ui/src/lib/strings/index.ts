import { en } from "./en";

/** What every language has to say. */
export type Strings = typeof en;

/** All words of the window, in the language that is shown. */
export const strings: Strings = en;
