import { useSyncExternalStore } from 'react';

/** The user is asked to prove who they are; waiting requests go on or fail by the answer. */
interface Asking {
  proved: Promise<boolean>;
  answer(proved: boolean): void;
}

let asking: Asking | undefined;
const listeners = new Set<() => void>();

function set(next: Asking | undefined): void {
  asking = next;
  for (const listener of listeners) listener();
}

/** Opens the dialog in which the user proves who they are. @returns whether they did; at once where no dialog is on the page */
export function askForProof(): Promise<boolean> {
  if (listeners.size === 0) return Promise.resolve(false);
  if (asking) return asking.proved;
  const { promise: proved, resolve } = Promise.withResolvers<boolean>();
  set({
    proved,
    answer(isProved) {
      set(undefined);
      resolve(isProved);
    },
  });
  return proved;
}

/** What to call with the user's answer; undefined while none is wanted. */
export function useAskedForProof(): ((proved: boolean) => void) | undefined {
  const now = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => asking,
  );
  return now?.answer;
}
