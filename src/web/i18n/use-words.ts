import i18next, { type TFunction } from 'i18next';
import { useSyncExternalStore } from 'react';

/**
 * Translation function for components that are rendered hundreds of times. `useTranslation` copies i18next in each component,
 * which took half of a list's scrolling time.
 */
export function useWords(): { t: TFunction; language: string } {
  const language = useSyncExternalStore(subscribe, () => i18next.language);
  return { t: i18next.t, language };
}

function subscribe(changed: () => void): () => void {
  i18next.on('languageChanged', changed);
  return () => i18next.off('languageChanged', changed);
}
