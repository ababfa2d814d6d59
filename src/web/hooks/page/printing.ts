import { useSyncExternalStore } from 'react';
import { flushSync } from 'react-dom';

let isPrinting = false;

/** Whether the page is being printed. Virtualized lists then render every row. */
export function usePrinting(): boolean {
  return useSyncExternalStore(subscribe, () => isPrinting);
}

function subscribe(changed: () => void): () => void {
  const say = (now: boolean) => () => {
    isPrinting = now;
    // Rendered synchronously: the browser takes its snapshot when the event handler returns.
    flushSync(changed);
  };
  const [begin, end] = [say(true), say(false)];
  window.addEventListener('beforeprint', begin);
  window.addEventListener('afterprint', end);
  return () => {
    window.removeEventListener('beforeprint', begin);
    window.removeEventListener('afterprint', end);
  };
}

const SCHEME = 'data-mantine-color-scheme';

/** Switches to the light color scheme while printing. */
export function printInLight(): void {
  const { documentElement: page } = document;
  let before: string | null = null;
  window.addEventListener('beforeprint', () => {
    before = page.getAttribute(SCHEME);
    page.setAttribute(SCHEME, 'light');
  });
  window.addEventListener('afterprint', () => {
    if (before !== null) page.setAttribute(SCHEME, before);
  });
}
