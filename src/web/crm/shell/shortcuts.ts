import { createStore } from '../../ui/store';

const shown = createStore(false);

/** Opens the list of shortcuts, which the shell renders. */
export function showShortcuts(): void {
  shown.set(true);
}

/** Whether the list is open, and a function that closes it. */
export function useShortcuts(): [boolean, close: () => void] {
  return [shown.use(), () => shown.set(false)];
}
