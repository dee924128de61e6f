let asked = $state(false);

/** Asks Activity for the form that exports the ledger, wherever the window is. */
export function askToExport(): void {
  asked = true;
}

/** Whether the form was asked for. */
export function exportAsked(): boolean {
  return asked;
}

export function exportAnswered(): void {
  asked = false;
}
