// Periods of usage: whole hours, days and months, in UTC.
import { UsageError } from './errors';

export const GRANULARITIES = ['hourly', 'daily', 'monthly'] as const;
export type Granularity = (typeof GRANULARITIES)[number];

/** `from` is in it, `to` is not. */
export interface Period {
  from: Date;
  to: Date;
}

/** A calendar month: `2026-11`. */
export type Month = string;

const DAY_MS = 86_400_000;
/** The longest period that is answered, days. */
const LONGEST: Record<Granularity, number> = { hourly: 7, daily: 92, monthly: 1_100 };
/** Days for which hours are kept; after that they are added up by the day. */
export const HOURS_KEPT_DAYS = 62;

/** @throws UsageError `usage_period_invalid` */
export function readMonth(text: string): Month {
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(text)) return text;
  throw new UsageError('usage_period_invalid', `“${text.slice(0, 40)}” is no month such as 2026-11.`);
}

/** The month of a time, in UTC. */
export function monthOf(date: Date): Month {
  return date.toISOString().slice(0, 7);
}

/** The month `count` months later; earlier if negative. */
export function monthAfter(month: Month, count = 1): Month {
  const date = new Date(`${month}-01T00:00:00Z`);
  date.setUTCMonth(date.getUTCMonth() + count);
  return monthOf(date);
}

/** From the beginning of a month to that of the next, in UTC. */
export function periodOfMonth(month: Month): Period {
  return { from: new Date(`${month}-01T00:00:00Z`), to: new Date(`${monthAfter(month)}-01T00:00:00Z`) };
}

/**
 * A period widened to whole hours, days or months. Left out: the last day, the last 30 days, this month.
 *
 * @throws UsageError `usage_period_invalid`
 */
export function readPeriod(
  { from, to }: { from?: string | undefined; to?: string | undefined },
  granularity: Granularity,
  now = new Date(),
): Period {
  const until = to === undefined ? now : readTime(to);
  const length = { hourly: 1, daily: 30, monthly: 0 }[granularity];
  const since =
    from === undefined ? new Date(until.getTime() - Math.max(1, length * DAY_MS)) : readTime(from);
  const period = { from: beginOf(since, granularity), to: endOf(until, granularity) };
  if (since >= until) throw invalid('It ends before it begins');
  if (period.to.getTime() - period.from.getTime() > LONGEST[granularity] * DAY_MS + DAY_MS) {
    throw invalid(`At most ${LONGEST[granularity]} days are answered ${granularity}`);
  }
  if (granularity === 'hourly' && since.getTime() < now.getTime() - HOURS_KEPT_DAYS * DAY_MS) {
    throw invalid(`Hours are kept for ${HOURS_KEPT_DAYS} days`);
  }
  return period;
}

/** When the hour, day or month of a time began. */
export function beginOf(at: Date, granularity: Granularity): Date {
  const length = { hourly: 13, daily: 10, monthly: 7 }[granularity];
  const [date, time] = at.toISOString().slice(0, length).split('T');
  return new Date(`${date}${granularity === 'monthly' ? '-01' : ''}T${time ?? '00'}:00:00Z`);
}

/** When it ends. */
export function nextAfter(begin: Date, granularity: Granularity): Date {
  if (granularity === 'monthly') return periodOfMonth(monthOf(begin)).to;
  return new Date(begin.getTime() + (granularity === 'hourly' ? 3_600_000 : DAY_MS));
}

function endOf(at: Date, granularity: Granularity): Date {
  const begin = beginOf(at, granularity);
  return begin.getTime() === at.getTime() ? begin : nextAfter(begin, granularity);
}

function readTime(text: string): Date {
  const isDated = /^\d{4}-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?Z?)?)?$/.test(text);
  const complete = text.length === 7 ? `${text}-01` : text;
  const time = new Date(complete.includes('T') ? `${complete.replace(/Z$/, '')}Z` : `${complete}T00:00:00Z`);
  if (isDated && !Number.isNaN(time.getTime())) return time;
  throw invalid(`“${text.slice(0, 40)}” is no time`);
}

function invalid(why: string): UsageError {
  return new UsageError('usage_period_invalid', `${why}.`);
}
