import { useSyncExternalStore } from 'react';

/** A confirmation request. */
export interface Question {
  title: string;
  text: string;
  /** Label of the confirm button. */
  action: string;
  /** Whether the action deletes or removes data. */
  destructive?: boolean;
  onConfirm: () => void;
}

let question: Question | undefined;
const listeners = new Set<() => void>();

/** Opens the confirmation dialog, which the shell renders. */
export function confirm(asked: Question): void {
  set(asked);
}

/** The pending confirmation, and a function that closes it. */
export function useQuestion(): [Question | undefined, end: () => void] {
  const current = useSyncExternalStore(subscribe, () => question);
  return [current, () => set(undefined)];
}

function set(next: Question | undefined): void {
  question = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
