import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { en } from './en';

/** Languages one can choose; what a translation lacks is shown in English. */
export const LANGUAGES = [
  { code: 'en', name: 'English' },
  { code: 'de', name: 'Deutsch' },
] as const;

const KEPT = 'marquee.language';

/** Starts with the language chosen on this machine, else the browser's; another than English is loaded when chosen. */
export async function startTranslations(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: 'en',
    fallbackLng: 'en',
    resources: { en: { translation: en } },
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  await chooseLanguage(localStorage.getItem(KEPT) ?? navigator.language.slice(0, 2));
}

export async function chooseLanguage(code: string): Promise<void> {
  const known = LANGUAGES.some((language) => language.code === code) ? code : 'en';
  if (known === 'de' && !i18next.hasResourceBundle('de', 'translation')) {
    const { de } = await import('./de');
    i18next.addResourceBundle('de', 'translation', de);
  }
  await i18next.changeLanguage(known);
  document.documentElement.lang = known;
}

/** Chooses a language and remembers it on this machine. */
export async function keepLanguage(code: string): Promise<void> {
  localStorage.setItem(KEPT, code);
  await chooseLanguage(code);
}
