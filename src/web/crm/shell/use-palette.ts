import { useHotkeys } from '@mantine/hooks';
import { useSyncExternalStore } from 'react';

let wanted = false;
const listeners = new Set<() => void>();

/** Opens the palette, after loading it on first use. */
export function openPalette(): void {
  if (wanted) void import('@mantine/spotlight').then(({ spotlight }) => spotlight.open());
  wanted = true;
  for (const listener of listeners) listener();
}

/** Whether the palette has been requested: by ⌘K, Ctrl+K or its button. */
export function usePalette(): boolean {
  // Once loaded, the palette handles the shortcut itself.
  useHotkeys([['mod+K', () => wanted || openPalette()]], []);
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => wanted,
  );
}
