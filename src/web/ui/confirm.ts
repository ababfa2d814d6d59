import type { ReactNode } from 'react';
import { createStore } from './store';

/** A confirmation request. */
export interface Question {
  title: string;
  text: string;
  /** Shown below the text. */
  notice?: ReactNode;
  /** Label of the confirm button. */
  action: string;
  /** Whether the action deletes or removes data. */
  destructive?: boolean;
  onConfirm: () => void;
}

const question = createStore<Question | undefined>(undefined);

/** Opens the confirmation dialog, which the shell renders. */
export function confirm(asked: Question): void {
  question.set(asked);
}

/** The pending confirmation, and a function that closes it. */
export function useQuestion(): [Question | undefined, end: () => void] {
  return [question.use(), () => question.set(undefined)];
}
