/** Whether something lies over the screen: keys then mean that, not the screen. */
export function isDialogOpen(): boolean {
  return document.querySelector('[aria-modal="true"]') !== null;
}
