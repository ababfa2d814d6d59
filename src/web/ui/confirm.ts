import { useSyncExternalStore } from 'react';

/** Something to be sure of before it happens. */
export interface Question {
  title: string;
  text: string;
  /** On the button that does it. */
  action: string;
  /** It takes something away. */
  destructive?: boolean;
  onConfirm: () => void;
}

let question: Question | undefined;
const listeners = new Set<() => void>();

/** Asks before doing; answered in the dialog of the frame. */
export function confirm(asked: Question): void {
  set(asked);
}

/** The question under way, and how it ends. */
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
