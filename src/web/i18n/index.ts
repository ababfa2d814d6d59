import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { en } from './en';
import type { Translation } from './translation';

/** Available languages. */
export const LANGUAGES = [
  { code: 'en', name: 'English' },
  { code: 'de', name: 'Deutsch' },
] as const;

type Code = (typeof LANGUAGES)[number]['code'];

/** Lazily loaded: only the current language is fetched. */
const words: Record<Code, () => Promise<Translation<typeof en>>> = {
  en: async () => (await import('./en')).en,
  de: async () => (await import('./de')).de,
};

const KEPT = 'marquee.language';

/** Initializes i18next with the stored language, else the browser's, else English. */
export async function startTranslations(): Promise<void> {
  await i18next.use(initReactI18next).init({
    fallbackLng: false,
    resources: {},
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  await chooseLanguage(keptLanguage() ?? navigator.language.slice(0, 2));
}

async function chooseLanguage(wish: string): Promise<void> {
  const code = LANGUAGES.find((language) => language.code === wish)?.code ?? 'en';
  if (!i18next.hasResourceBundle(code, 'translation')) {
    i18next.addResourceBundle(code, 'translation', await words[code]());
  }
  await i18next.changeLanguage(code);
  document.documentElement.lang = code;
}

/** Changes the language and stores the choice on this device. */
export async function keepLanguage(code: Code): Promise<void> {
  try {
    localStorage.setItem(KEPT, code);
  } catch {
    // Storage may be blocked: the choice then lasts until the page is closed.
  }
  await chooseLanguage(code);
}

function keptLanguage(): string | null {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}
