import { formatMoney } from '@/lib/money';
import { type DocumentWords, wordsOf } from './words';

/** How a document writes what it shows. */
export interface DocumentFormat {
  locale: string;
  words: DocumentWords;
  money: (minor: string | number) => string;
}

export function formatOf(currency: string, locale: string): DocumentFormat {
  return { locale, words: wordsOf(locale), money: (minor) => formatMoney(minor, currency, locale) };
}
