/** What lies over the page: one thing at a time. */
export type Overlay = "palette" | "keys";

let shown = $state<Overlay | null>(null);

export function shownOverlay(): Overlay | null {
  return shown;
}

export function showOverlay(overlay: Overlay): void {
  shown = overlay;
}

/** Closes it, and nothing that was opened in its place meanwhile. */
export function hideOverlay(overlay: Overlay): void {
  if (shown === overlay) shown = null;
}
