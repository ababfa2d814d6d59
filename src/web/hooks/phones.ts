import { useSyncExternalStore } from 'react';
import { useSettings } from './company/settings';

type Phones = typeof import('@/lib/phone');

/** The rules of phone numbers of all countries, loaded when the first number is shown. */
let phones: Phones | undefined;
let isLoading = false;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (!isLoading) void load();
  return () => listeners.delete(listener);
}

async function load(): Promise<void> {
  isLoading = true;
  try {
    phones = await import('@/lib/phone');
    for (const each of listeners) each();
  } catch {
    // Offline: numbers are shown as they are stored, and the next one tries again.
    isLoading = false;
  }
}

/** Shows phone numbers as people at the company write them. Until the rules are loaded, a number is shown as it is stored. */
export function usePhones() {
  const loaded = useSyncExternalStore(subscribe, () => phones);
  const { locale } = useSettings().settings;
  const country = loaded?.countryOf(locale);
  return {
    show: (text: string) => (loaded && country ? loaded.formatPhone(text, country) : text),
    /** As it is stored; undefined for what is no phone number. */
    normalize: (text: string) => (loaded && country ? loaded.normalizePhone(text, country) : text),
  };
}
