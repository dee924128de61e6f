import { tick } from "svelte";

/**
 * Called before what is drawn changes: where the focus is inside and goes with what had it, it is
 * given to something that stays. Who uses the keyboard would begin at the window's start otherwise.
 */
export function keepFocus(whole: HTMLElement | undefined, give: () => void): void {
  if (!whole?.contains(document.activeElement)) return;
  void tick().then(() => {
    if (document.activeElement === document.body) give();
  });
}
