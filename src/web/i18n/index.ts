import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';

/** Available languages. */
export const LANGUAGES = [
  { code: 'en', name: 'English' },
  { code: 'de', name: 'Deutsch' },
] as const;

type Code = (typeof LANGUAGES)[number]['code'];

/** The texts of an application, lazily loaded: only the current language is fetched. */
export interface Catalogues extends Record<Code, () => Promise<object>> {
  /** What the rules of the database say; English is what they say themselves. */
  rules?: { de: () => Promise<object> };
}

let catalogues: Catalogues | undefined;

/** i18next's namespace of `Catalogues.rules`. */
export const RULES = 'rules';

const KEPT = 'marquee.language';

/** Initializes i18next with the stored language, else the browser's, else English. */
export async function startTranslations(texts: Catalogues): Promise<void> {
  catalogues = texts;
  await i18next.use(initReactI18next).init({
    fallbackLng: false,
    resources: {},
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  await chooseLanguage(storedLanguage() ?? navigator.language.slice(0, 2));
}

async function chooseLanguage(wish: string): Promise<void> {
  const code = LANGUAGES.find((language) => language.code === wish)?.code ?? 'en';
  if (!i18next.hasResourceBundle(code, 'translation')) {
    i18next.addResourceBundle(code, 'translation', await catalogues?.[code]());
  }
  if (code === 'de') {
    // Not awaited: needed only where something is refused.
    void catalogues?.rules?.de().then((rules) => i18next.addResourceBundle(code, RULES, rules));
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

function storedLanguage(): string | null {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}
