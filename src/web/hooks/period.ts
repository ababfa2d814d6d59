import { daysBetween, shiftDays } from './days';

/** Periods with a name, in the order they are offered. */
export const PERIODS = [
  'this-month',
  'last-month',
  'this-quarter',
  'last-quarter',
  'this-year',
  'last-year',
] as const;

export type NamedPeriod = (typeof PERIODS)[number];

/** Days from one to another, both of them in it, `YYYY-MM-DD`. */
export interface Period {
  /** As it stands in an address: a name, or `2026-01-01..2026-03-31`. */
  key: string;
  name: NamedPeriod | 'custom';
  from: string;
  to: string;
}

const MONTHS = { month: 1, quarter: 3, year: 12 } as const;

/**
 * The period that an address means; where it means none, or one that cannot be, the one that is meant otherwise.
 *
 * @param today `YYYY-MM-DD`, where the company is
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

/** The period before: the month before a month, as many days before any others. */
export function periodBefore(period: Period): Period {
  if (period.name === 'custom') {
    const days = daysBetween(period.from, period.to) + 1;
    return customPeriod(shiftDays(period.from, -days), shiftDays(period.from, -1));
  }
  const unit = period.name.split('-')[1] as keyof typeof MONTHS;
  const { from, to } = months(period.from, unit, -1);
  return customPeriod(from, to);
}

/** Of two days, which read in the order they come. */
export function earlierOf(one: string, other: string): string {
  if (one < other) return one;
  return other;
}

export type Step = 'day' | 'week' | 'month';

/** What a bar of a chart stands for, so that there are not too many. */
export function stepOf({ from, to }: Period): Step {
  const days = daysBetween(from, to) + 1;
  return days <= 31 ? 'day' : days <= 100 ? 'week' : 'month';
}

/** The whole month, quarter or year that a day is in, or one before or after it. */
function months(day: string, unit: keyof typeof MONTHS, shift: number): { from: string; to: string } {
  const [year = 0, month = 1] = day.split('-').map(Number);
  const length = MONTHS[unit];
  const first = Math.floor((month - 1) / length) * length + shift * length;
  return { from: dayOf(year, first, 1), to: dayOf(year, first + length, 0) };
}

function dayOf(year: number, month: number, day: number): string {
  return new Date(Date.UTC(year, month, day)).toISOString().slice(0, 10);
}

/** False for the 31st of February. */
function isDay(text: string): boolean {
  const at = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}
