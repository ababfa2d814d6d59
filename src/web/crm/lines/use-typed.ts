import { type KeyboardEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useUnsavedInput } from '../../hooks/offline/unsaved';

/** Ignores a rejection whose error has already been shown. */
export const handled = (): void => {};

/**
 * State of an input that saves on blur or Enter. If saving fails, the input keeps the typed value.
 *
 * @param save returns a promise that rejects if saving failed, or undefined if there is nothing to save
 */
export function useTyped<Value>(save: (typed: Value) => unknown) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState<Value | null>(null);
  const [hasFailed, setFailed] = useState(false);
  useUnsavedInput(hasFailed && typed !== null);
  const leave = () => {
    if (typed === null) return;
    const saved = () => {
      setFailed(false);
      // Keep what was typed while saving: it is saved next.
      setTyped((now) => (now === typed ? null : now));
    };
    const saving = save(typed);
    if (saving instanceof Promise) saving.then(saved, () => setFailed(true));
    else saved();
  };
  const keys = (event: KeyboardEvent) => {
    if (event.key === 'Enter') leave();
    if (event.key !== 'Escape' || typed === null) return;
    // Escape reverts the input; it must not close a surrounding dialog.
    event.stopPropagation();
    setFailed(false);
    setTyped(null);
  };
  return { typed, error: hasFailed && t('lines.notSaved'), type: setTyped, keys, leave };
}
