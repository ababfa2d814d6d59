import type { TableName } from '../../hooks/request/query';
import { createStore } from '../../ui/store';
import type { AnyRow } from './entity';

/** A record that a picker did not find and the user wants to create. */
export interface Creation {
  id: string;
  table: TableName;
  /** What the user typed into the picker. */
  typed: string;
  onCreated: (row: AnyRow) => void;
  /** The picker, which has the focus again in the end. */
  from: Element | null;
}

/** The last one is uppermost: its form may have a picker too. */
const creations = createStore<readonly Creation[]>([]);

/** Opens the form of a new record over the current one. The shell renders it. */
export function createInPlace(creation: Omit<Creation, 'id' | 'from'>): void {
  const from = document.activeElement;
  creations.set([...creations.get(), { ...creation, id: crypto.randomUUID(), from }]);
}

/** Closes the uppermost form. */
export function endCreation(): void {
  const from = creations.get().at(-1)?.from;
  creations.set(creations.get().slice(0, -1));
  // Once the dialog is gone, which keeps the focus inside it.
  if (from instanceof HTMLElement) setTimeout(() => from.focus());
}

export const useCreations = creations.use;

/** Whether such a form is open. The dialogs below it then stay: Escape closes the uppermost only. */
export function isCreating(): boolean {
  return creations.get().length > 0;
}
