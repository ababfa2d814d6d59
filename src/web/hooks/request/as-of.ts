// Reports may come from a replica that lags behind: the answer says as of when its data are.
import { useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();
let latest: string | undefined;

/** Notes the time that an answer carries; most answers carry none. */
export function noteAsOf(answer: Response): void {
  const asOf = answer.headers.get('marquee-as-of');
  if (!asOf) return;
  latest = asOf;
  for (const listener of listeners) listener();
}

/** As of when the report is that was read last: an ISO time; undefined before the first. */
export function useAsOf(): string | undefined {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => latest,
  );
}
