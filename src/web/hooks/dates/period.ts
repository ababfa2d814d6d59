import { daysBetween, shiftDays } from './days';

/** Named periods, in display order. */
export const PERIODS = [
  'this-month',
  'last-month',
  'this-quarter',
  'last-quarter',
  'this-year',
  'last-year',
] as const;

export type NamedPeriod = (typeof PERIODS)[number];

/** A range of days, both ends included, `YYYY-MM-DD`. */
export interface Period {
  /** URL form: a name, or `2026-01-01..2026-03-31`. */
  key: string;
  name: NamedPeriod | 'custom';
  from: string;
  to: string;
}

const MONTHS = { month: 1, quarter: 3, year: 12 } as const;

/**
 * Parses the period of a URL. Falls back to the default period when it is missing or invalid.
 *
 * @param today `YYYY-MM-DD`, in the tenant's time zone
 */
export function readPeriod(key: string | undefined, today: string, otherwise: NamedPeriod): Period {
  const custom = /^(\d{4}-\d\d-\d\d)\.\.(\d{4}-\d\d-\d\d)$/.exec(key ?? '');
  if (custom?.[1] && custom[2] && isDay(custom[1]) && isDay(custom[2]) && custom[1] <= custom[2]) {
    return customPeriod(custom[1], custom[2]);
  }
  const name = PERIODS.find((known) => known === key) ?? otherwise;
  const [which, unit] = name.split('-') as ['this' | 'last', keyof typeof MONTHS];
  return { key: name, name, ...months(today, unit, which === 'this' ? 0 : -1) };
}

export function customPeriod(from: string, to: string): Period {
  return { key: `${from}..${to}`, name: 'custom', from, to };
}

/** The preceding period: the previous month for a month, otherwise the same number of days before. */
export function periodBefore(period: Period): Period {
  if (period.name === 'custom') {
    const days = daysBetween(period.from, period.to) + 1;
    return customPeriod(shiftDays(period.from, -days), shiftDays(period.from, -1));
  }
  const unit = period.name.split('-')[1] as keyof typeof MONTHS;
  const { from, to } = months(period.from, unit, -1);
  return customPeriod(from, to);
}

/** Two periods of equal extent whose figures are compared, and the name of the earlier one. */
export interface Comparison {
  now: Period;
  before: Period;
  versus: Period['name'];
}

/**
 * What the figures of a period are compared with: the preceding period. While the period is still running, only its days so
 * far, with the same days of the preceding one: year to date with year to date.
 *
 * @param today `YYYY-MM-DD`, in the tenant's time zone
 */
export function comparisonOf(period: Period, today: string): Comparison {
  const before = periodBefore(period);
  const versus = period.name;
  if (period.name === 'custom' || today < period.from || today >= period.to)
    return { now: period, before, versus };
  const monthsIn = monthOf(today) - monthOf(period.from);
  const [year = 0, month = 1] = before.from.split('-').map(Number);
  const sameDay = dayOf(year, month - 1 + monthsIn, Number(today.slice(8)));
  const lastOfMonth = dayOf(year, month + monthsIn, 0);
  return {
    now: customPeriod(period.from, today),
    before: customPeriod(before.from, earlierOf(sameDay, lastOfMonth)),
    versus,
  };
}

/** Months since the year 0. */
function monthOf(day: string): number {
  return Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7));
}

/** The earlier of two dates. */
export function earlierOf(one: string, other: string): string {
  if (one < other) return one;
  return other;
}

export type Step = 'day' | 'week' | 'month';

/** Chart interval for a period; limits the number of bars. */
export function stepOf({ from, to }: Period): Step {
  const days = daysBetween(from, to) + 1;
  return days <= 31 ? 'day' : days <= 100 ? 'week' : 'month';
}

/** The month, quarter or year that contains a day, shifted by a number of units. */
function months(day: string, unit: keyof typeof MONTHS, shift: number): { from: string; to: string } {
  const [year = 0, month = 1] = day.split('-').map(Number);
  const length = MONTHS[unit];
  const first = Math.floor((month - 1) / length) * length + shift * length;
  return { from: dayOf(year, first, 1), to: dayOf(year, first + length, 0) };
}

function dayOf(year: number, month: number, day: number): string {
  return new Date(Date.UTC(year, month, day)).toISOString().slice(0, 10);
}

/** Whether the text is a valid date; false for 31 February, for example. */
function isDay(text: string): boolean {
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}
