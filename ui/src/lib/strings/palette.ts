import type { Theme } from "../theme.svelte";

const themes: Record<Theme, string> = {
  system: "Change the theme to the system’s",
  light: "Change the theme to light",
  dark: "Change the theme to dark",
};

/** The words of the palette: what it is asked, and what it can do. */
export const palette = {
  open: "Search people, deliveries…",
  title: "Search and actions",
  label: "People, deliveries, pages and actions",
  results: "What fits",
  shortcut: { mac: "⌘ K", others: "Ctrl K" },
  groups: { sandbox: "Sandbox", pages: "Pages", actions: "Actions", people: "People", deliveries: "Deliveries" },
  searching: "Searching for people…",
  nothing: (text: string) => `Nobody and no action is called “${text}”.`,
  deliveriesOf: (text: string) => `Deliveries of “${text}”`,
  noEmail: "No e-mail address",
  working: "Working…",
  how: "Arrow keys choose, Enter does it, Escape closes",
  pause: "Pause the relay",
  resume: "Resume the relay",
  connect: (platform: string) => `Connect ${platform}`,
  connected: (platform: string) => `${platform} is connected already.`,
  notKnownYet: "It is not known yet what is connected.",
  import: "Import people",
  awaited: "Show who waits for consent",
  uncertain: "Show uncertain deliveries",
  export: "Export the ledger",
  themes,
  themeChosen: "This is the theme that is shown.",
  larger: "Larger text",
  smaller: "Smaller text",
  largest: "It is as large as it gets.",
  smallest: "It is as small as it gets.",
  keys: "Show the keys",
};
