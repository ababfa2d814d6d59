import { formatMoney } from '../money';
import { type DocumentWords, wordsOf } from './words';

/** How a document writes what it shows. */
export interface Manner {
  locale: string;
  words: DocumentWords;
  money: (minor: string | number) => string;
}

export function mannerOf(currency: string, locale: string): Manner {
  return { locale, words: wordsOf(locale), money: (minor) => formatMoney(minor, currency, locale) };
}
