import { GERMAN_TEXTS } from './de';
import { ENGLISH_TEXTS } from './en';
import type { StarterText } from './starter-text';

/** The texts a company starts with. Contracts say that they are a starting point for the company's lawyer. */
export function starterTexts(language: 'en' | 'de'): readonly StarterText[] {
  return language === 'de' ? GERMAN_TEXTS : ENGLISH_TEXTS;
}
