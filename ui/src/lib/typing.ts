/** Where letters are the control's own: they type, or choose among its options. */
const TAKES_LETTERS = '[role="combobox"], [role="listbox"]';
/** What is behind these is out of reach, also for a shortcut. */
const OVER_THE_PAGE = '[role="dialog"], [role="alertdialog"]';

/** Whether a key press belongs to a field, a dialog or a modifier, and is no shortcut of the page's. */
export function isTyping(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) {
    return true;
  }
  const target = event.target;
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target instanceof HTMLTextAreaElement ||
      target instanceof HTMLSelectElement ||
      (target instanceof HTMLInputElement && target.type !== "checkbox") ||
      target.closest(`${TAKES_LETTERS}, ${OVER_THE_PAGE}`) !== null)
  );
}
