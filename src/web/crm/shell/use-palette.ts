import { useHotkeys } from '@mantine/hooks';
import { useSyncExternalStore } from 'react';

let wanted = false;
const listeners = new Set<() => void>();

/** Opens the palette; the first time it is loaded before. */
export function openPalette(): void {
  if (wanted) void import('@mantine/spotlight').then(({ spotlight }) => spotlight.open());
  wanted = true;
  for (const listener of listeners) listener();
}

/** Whether the palette has been asked for: by ⌘K, Ctrl K or its button. */
export function usePalette(): boolean {
  // Once loaded it hears the keys itself too.
  useHotkeys([['mod+K', () => wanted || openPalette()]], []);
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => wanted,
  );
}
