import { useSyncExternalStore } from 'react';
import { useConsoleFormat } from '../format';

const EVERY_MS = 5_000;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = Date.now();

/** One clock for all times on the page. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (!timer) {
    // The clock had stopped while the page showed no times.
    now = Date.now();
    timer = setInterval(() => {
      now = Date.now();
      for (const one of listeners) one();
    }, EVERY_MS);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The time now, as of the last 5 seconds, ms since the epoch. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

/** How long ago something was, or how soon it is; the exact time on hover. Renders nothing without a time. */
export function Ago({ at }: { at: string | null | undefined }) {
  const format = useConsoleFormat();
  const here = useNow();
  if (!at) return null;
  const moment = new Date(at).getTime();
  // A time that is later than the clock by less than its step is now.
  const isNow = moment > here && moment - here <= EVERY_MS;
  return (
    <time dateTime={at} title={format.second(at)}>
      {format.ago(at, isNow ? moment : here)}
    </time>
  );
}
