import { useEffect } from 'react';
import { isDialogOpen } from '../../ui/dialogs';
import { navigation } from './navigation';

const PAUSE_MS = 1200;

/**
 * Keyboard shortcuts: `g`, then a letter, opens a screen; `?` the list of shortcuts; `/` the search, on screens without a search
 * of their own. Ignored while typing and in dialogs.
 */
export function useGoKeys(go: (to: string) => void, help: () => void, search: () => void): void {
  useEffect(() => {
    let pressedAt = 0;
    const targets = new Map(
      navigation.flatMap(({ items }) => items.map(({ letter, to }) => [letter, to] as const)),
    );
    const onKey = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.metaKey || event.ctrlKey || event.altKey || isDialogOpen()) return;
      if (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return;
      if (event.key === '?') help();
      if (event.key === '/' && !document.querySelector('[data-list-search]')) {
        event.preventDefault();
        search();
      }
      if (event.key === 'g') {
        pressedAt = Date.now();
        return;
      }
      const to = Date.now() - pressedAt < PAUSE_MS ? targets.get(event.key) : undefined;
      pressedAt = 0;
      if (to === undefined) return;
      event.preventDefault();
      go(to);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [go, help, search]);
}
