import { createContext, useContext, useEffect } from 'react';
import { queuedEdits } from './edit-queue';

/** The record whose fields are edited below, such as `quotes:ID`. */
export const UnsavedGroup = createContext('');

/** Inputs whose value could not be saved, with the record they belong to. */
const inputs = new Map<symbol, string>();

/** Registers an input while its value could not be saved. */
export function useUnsavedInput(isUnsaved: boolean): void {
  const group = useContext(UnsavedGroup);
  useEffect(() => {
    if (!isUnsaved) return;
    const input = Symbol();
    inputs.set(input, group);
    return () => void inputs.delete(input);
  }, [group, isUnsaved]);
}

/** Whether some input holds a value that could not be saved, and would be lost with the page. */
export function hasUnsavedInputs(): boolean {
  return inputs.size > 0;
}

/** Whether an edit of a record waits to be sent, or an input of it holds what could not be saved. */
export function hasUnsaved(group: string): boolean {
  return queuedEdits().some((edit) => edit.group === group) || [...inputs.values()].includes(group);
}
