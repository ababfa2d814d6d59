import { CellError } from './errors';

export type DateOrder = 'day-first' | 'month-first' | 'year-first';

/**
 * Reads a date as people write it: `2026-05-01`, `1.5.2026`, `05/01/26`, `1 May 2026`, `May 1, 2026`.
 *
 * @param order which part comes first where digits alone do not say
 * @returns ISO date
 * @throws CellError `import_bad_date` also for dates that do not exist (31 April)
 */
export function readDate(text: string, order: DateOrder): string {
  const value = text.trim();
  const iso = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?$/.exec(value);
  if (iso) return validDate(text, Number(iso[1]), Number(iso[2]), Number(iso[3]));
  const digits = /^(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{2}|\d{4})$/.exec(value);
  if (digits) {
    const [first, second, year] = [Number(digits[1]), Number(digits[2]), fullYear(digits[3] ?? '')];
    // 25/12 can only be a day first, whatever the file is said to be.
    const dayFirst = first > 12 || (order !== 'month-first' && second <= 12);
    return dayFirst ? validDate(text, year, second, first) : validDate(text, year, first, second);
  }
  const named =
    /^(?:(\d{1,2})(?:st|nd|rd|th)?\.?\s+)?([A-Za-z]{3,9})\.?\s+(?:(\d{1,2})(?:st|nd|rd|th)?,?\s+)?(\d{4})$/.exec(
      value,
    );
  const month = named ? MONTHS.indexOf((named[2] ?? '').slice(0, 3).toLowerCase()) + 1 : 0;
  const day = Number(named?.[1] ?? named?.[3]);
  if (named && month > 0 && day) return validDate(text, Number(named[4]), month, day);
  throw badDate(text);
}

/**
 * Reads an amount of money: `1,234.50`, `1.234,50`, `€ 1 234`, `(12.00)`.
 *
 * @returns minor units
 * @throws CellError `import_bad_amount` also for more digits than the currency has
 */
export function readMoney(text: string, digits: number): bigint {
  const negative = /^\s*\(.*\)\s*$/.test(text) || /-/.test(text);
  const cleaned = text.replace(/[^\d.,]/g, '');
  if (!/\d/.test(cleaned)) throw badAmount(text);
  const last = Math.max(cleaned.lastIndexOf('.'), cleaned.lastIndexOf(','));
  const tail = last < 0 ? '' : cleaned.slice(last + 1);
  const separators = cleaned.replace(/\d/g, '');
  // One kind of separator with three digits behind it groups thousands, unless the currency has three decimals.
  const grouped = tail.length === 3 && new Set(separators).size === 1 && digits !== 3;
  const whole =
    last < 0 || grouped ? cleaned.replace(/[.,]/g, '') : cleaned.slice(0, last).replace(/[.,]/g, '');
  const fraction = last < 0 || grouped ? '' : tail;
  if (fraction.length > digits && /[1-9]/.test(fraction.slice(digits))) throw badAmount(text);
  const minor = BigInt(`${whole || '0'}${fraction.slice(0, digits).padEnd(digits, '0')}`);
  return negative ? -minor : minor;
}

/** Reads yes or no. @throws CellError `import_bad_boolean` */
export function readBoolean(text: string): boolean {
  const value = text.trim().toLowerCase();
  if (['yes', 'y', 'true', 't', '1', 'x', 'ja', 'on'].includes(value)) return true;
  if (['no', 'n', 'false', 'f', '0', '', 'nein', 'off'].includes(value)) return false;
  throw new CellError('import_bad_boolean', `“${text}” is neither yes nor no.`);
}

/** Reads an e-mail address. @throws CellError `import_bad_email` */
export function readEmail(text: string): string {
  const value = text.trim();
  if (/^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/.test(value)) return value;
  throw new CellError('import_bad_email', `“${text}” is not an e-mail address.`);
}

/** Reads one of a fixed list of words, whatever its case and spaces. @throws CellError `import_bad_choice` */
export function readChoice(text: string, choices: readonly string[]): string {
  const value = text
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_');
  if (choices.includes(value)) return value;
  throw new CellError('import_bad_choice', `“${text}” is none of ${choices.join(', ')}.`);
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

function fullYear(text: string): number {
  const year = Number(text);
  return text.length === 4 ? year : year < 70 ? 2000 + year : 1900 + year;
}

function validDate(text: string, year: number, month: number, day: number): string {
  const date = new Date(Date.UTC(year, month - 1, day));
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) throw badDate(text);
  return date.toISOString().slice(0, 10);
}

function badDate(text: string): CellError {
  return new CellError('import_bad_date', `“${text}” is not a date that exists.`, {
    hint: 'Write it as 2026-05-31.',
  });
}

function badAmount(text: string): CellError {
  return new CellError('import_bad_amount', `“${text}” is not an amount of money.`, {
    hint: 'Write it as 1234.50.',
  });
}
