import { type KeyboardEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';

/** For a change whose failure has been shown already. */
export const told = (): void => {};

/**
 * What is typed into an input that saves when it is left, or with Enter. What could not be saved stays in it.
 *
 * @param save gives a promise that fails where it was not saved; nothing where there is nothing to save
 */
export function useTyped<Value>(save: (typed: Value) => unknown) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState<Value | null>(null);
  const [hasFailed, setFailed] = useState(false);
  const leave = () => {
    if (typed === null) return;
    const saved = () => {
      setFailed(false);
      // What was typed since then is the next thing to save.
      setTyped((now) => (now === typed ? null : now));
    };
    const saving = save(typed);
    if (saving instanceof Promise) saving.then(saved, () => setFailed(true));
    else saved();
  };
  const keys = (event: KeyboardEvent) => {
    if (event.key === 'Enter') leave();
    if (event.key !== 'Escape' || typed === null) return;
    // It takes back what was typed, and closes nothing.
    event.stopPropagation();
    setFailed(false);
    setTyped(null);
  };
  return { typed, error: hasFailed && t('lines.notSaved'), type: setTyped, keys, leave };
}
