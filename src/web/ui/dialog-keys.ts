const FIELDS =
  'input:not([type="hidden"], [type="checkbox"], [type="radio"], :disabled), textarea:not(:disabled), select:not(:disabled)';

/**
 * Makes every dialog start in its first field, and Ctrl/Cmd+Enter save the form or confirm the dialog that has the focus.
 * Listens for the whole page, once.
 */
export function handleDialogKeys(): void {
  document.addEventListener('focusin', focusFirstField);
  document.addEventListener('keydown', saveByKey);
}

/** A dialog that opens focuses its first control, which is the button that closes it: moves on to the first field. */
function focusFirstField({ target, relatedTarget }: FocusEvent): void {
  if (!(target instanceof HTMLElement) || !target.matches('.mantine-Modal-close, .mantine-Drawer-close'))
    return;
  const dialog = target.closest('[aria-modal="true"]');
  if (!dialog || (relatedTarget instanceof Node && dialog.contains(relatedTarget))) return;
  dialog.querySelector<HTMLElement>(FIELDS)?.focus();
}

function saveByKey(event: KeyboardEvent): void {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.defaultPrevented) return;
  const at = event.target instanceof Element ? event.target : document.body;
  const form = at.closest('form');
  const dialog =
    at.closest('[aria-modal="true"]') ?? [...document.querySelectorAll('[aria-modal="true"]')].at(-1);
  if (form) {
    event.preventDefault();
    form.requestSubmit();
  } else if (dialog) {
    event.preventDefault();
    // What confirms is filled; a disabled or waiting button takes no click.
    [...dialog.querySelectorAll<HTMLButtonElement>('button[data-variant="filled"]')].at(-1)?.click();
  }
}
