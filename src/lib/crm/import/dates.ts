import { CellError } from './errors';

/** Which part of `03/04/2026` comes first. */
export type DateOrder = 'day-first' | 'month-first';

/** What a column's dates say about their order; `either` where both orders fit, `both` where some need one and some the other. */
export type ColumnOrder = DateOrder | 'none' | 'either' | 'both';

const DIGITS = /^(\d{1,2})([-/. ])(\d{1,2})\2(\d{2}|\d{4})$/;
const TIME = /[T ,]+\d{1,2}[:.]\d{2}([:.]\d{2}(\.\d+)?)?\s*([ap]\.?m\.?)?\s*(z|uhr|utc|[+-]\d{2}:?\d{2})?$/i;
/** Days since 30 December 1899, as spreadsheets count: from 1927 to 2119, so that no other number is taken for a date. */
const SERIAL = /^(\d{5})(\.\d+)?$/;
const LEAST_SERIAL = 10_000;
const MOST_SERIAL = 80_000;

/** Decides a column's order from all of its cells, one after another. */
export class OrderFinder {
  #day = 0;
  #month = 0;
  #open = 0;
  /** The first date that both orders fit. */
  example: string | undefined;

  see(cell: string): void {
    const digits = DIGITS.exec(dateOf(cell));
    if (!digits) return;
    const [first, second] = [Number(digits[1]), Number(digits[3])];
    if (first > 12 && second > 12) return;
    // Dots stand between day, month and year only.
    if (first > 12 || digits[2] === '.') this.#day += 1;
    else if (second > 12) this.#month += 1;
    else if (first !== second) {
      this.#open += 1;
      this.example ??= cell;
    }
  }

  order(): ColumnOrder {
    if (this.#day > 0 && this.#month > 0) return 'both';
    if (this.#day > 0) return 'day-first';
    if (this.#month > 0) return 'month-first';
    return this.#open > 0 ? 'either' : 'none';
  }
}

/**
 * Reads a date as people and spreadsheets write it: `2026-05-01`, `1.5.2026`, `05/01/26 14:30`, `Sat, 1 May 2026`, `May 1, 2026`,
 * `46143` (a day's number). A time of day is left out.
 *
 * @param order which part comes first where digits alone do not say
 * @param isPast whether it cannot be in the future: a birthday in '68 was in 1968
 * @returns ISO date
 * @throws CellError `import_bad_date` also for dates that do not exist (31 April)
 */
export function readDate(text: string, order: DateOrder, isPast = false): string {
  const value = dateOf(text);
  const iso = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/.exec(value) ?? /^(\d{4})(\d{2})(\d{2})$/.exec(value);
  if (iso) return validDate(text, Number(iso[1]), Number(iso[2]), Number(iso[3]));
  const digits = DIGITS.exec(value);
  if (digits) {
    const [first, second, year] = [Number(digits[1]), Number(digits[3]), fullYear(digits[4] ?? '', isPast)];
    return order === 'day-first'
      ? validDate(text, year, second, first)
      : validDate(text, year, first, second);
  }
  const serial = Number(SERIAL.exec(value)?.[1]);
  if (serial >= LEAST_SERIAL && serial <= MOST_SERIAL) {
    return new Date(Date.UTC(1899, 11, 30 + serial)).toISOString().slice(0, 10);
  }
  const named =
    /^(?:(\d{1,2})(?:st|nd|rd|th|\.)?[\s-]+)?(\p{L}{3,9})\.?[\s-]+(?:(\d{1,2})(?:st|nd|rd|th)?,?\s+)?(\d{4}|\d{2})$/u.exec(
      value,
    );
  const month = MONTHS.indexOf((named?.[2] ?? '').slice(0, 3).toLowerCase()) % 12;
  const day = Number(named?.[1] ?? named?.[3]);
  if (named && month >= 0 && day) return validDate(text, fullYear(named[4] ?? '', isPast), month + 1, day);
  throw badDate(text);
}

/** Months by their first three letters: English, then German. */
const MONTHS = [
  ...['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  ...['jän', 'feb', 'mär', 'apr', 'mai', 'jun', 'jul', 'aug', 'sep', 'okt', 'nov', 'dez'],
];

/** Without a weekday before it and a time of day behind it. */
function dateOf(text: string): string {
  return text
    .trim()
    .replace(TIME, '')
    .replace(/^\p{L}{2,10}\.?,\s+|^(mon|tue|wed|thu|fri|sat|sun)[a-z]*\s+/iu, '');
}

function fullYear(text: string, isPast: boolean): number {
  const year = Number(text);
  if (text.length === 4) return year;
  const latest = isPast ? new Date().getUTCFullYear() % 100 : 69;
  return year <= latest ? 2000 + year : 1900 + year;
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
