import { useSyncExternalStore } from 'react';
import { flushSync } from 'react-dom';

let isPrinting = false;

/** Whether the page is being printed: then everything has to be drawn, not only what is in view. */
export function usePrinting(): boolean {
  return useSyncExternalStore(subscribe, () => isPrinting);
}

function subscribe(changed: () => void): () => void {
  const say = (now: boolean) => () => {
    isPrinting = now;
    // The picture for the printer is taken when the event has been heard.
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

/** Paper is white: whoever works in the dark prints in the light. */
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
