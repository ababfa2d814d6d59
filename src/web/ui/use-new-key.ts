import { useHotkeys } from '@mantine/hooks';
import { isDialogOpen } from './dialogs';

/** `n` opens the form of a new record, on the screen that lists the others. Ignored while typing and in dialogs. */
export function useNewKey(onNew: (() => void) | undefined): void {
  useHotkeys([['n', () => isDialogOpen() || onNew?.()]]);
}
