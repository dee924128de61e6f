export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const KEY = "causeway.theme";

let theme = $state<Theme>("system");

/** Which theme the person has chosen; `system` follows the desktop's. */
export function currentTheme(): Theme {
  return theme;
}

export function chooseTheme(chosen: Theme): void {
  localStorage.setItem(KEY, chosen);
  apply(chosen);
}

/** Applies what was chosen when the window was last open. */
export function restoreTheme(): void {
  const stored = localStorage.getItem(KEY);
  apply(THEMES.find((known) => known === stored) ?? "system");
}

function apply(chosen: Theme): void {
  theme = chosen;
  document.documentElement.dataset.theme = chosen;
}
