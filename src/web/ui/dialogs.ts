/** Whether a dialog is open. Screen shortcuts are then ignored. */
export function isDialogOpen(): boolean {
  return document.querySelector('[aria-modal="true"]') !== null;
}
