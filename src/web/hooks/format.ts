import { useWords } from '../i18n/use-words';
import { daysBetween } from './days';
import { useSettings } from './settings';

export { daysBetween, shiftDays } from './days';

const calendars = new Map<string, Intl.DateTimeFormat>();

/** Calendar date, `YYYY-MM-DD`, of an instant (by default now) in a time zone. */
export function dateIn(timeZone: string, at: Date = new Date()): string {
  const calendar = calendars.get(timeZone) ?? new Intl.DateTimeFormat('en-CA', { timeZone });
  calendars.set(timeZone, calendar);
  return calendar.format(at);
}

const made = new Map<string, ReturnType<typeof makeFormat>>();

/** Formatters for the user's language and the tenant's currency and time zone. */
export function useFormat() {
  const { language } = useWords();
  const { settings } = useSettings();
  const { currency, timezone } = settings;
  return formatFor(language, currency, timezone);
}

/** Shared and cached: constructing an `Intl` formatter costs more than rendering a cell, and a list has hundreds of cells. */
function formatFor(language: string, currency: string, timezone: string) {
  const key = `${language} ${currency} ${timezone}`;
  const format = made.get(key) ?? makeFormat(language, currency, timezone);
  made.set(key, format);
  return format;
}

function makeFormat(language: string, currency: string, timezone: string) {
  const moneyFormat = new Intl.NumberFormat(language, { style: 'currency', currency });
  const digits = moneyFormat.resolvedOptions().maximumFractionDigits ?? 2;
  const roundMoney = new Intl.NumberFormat(language, {
    style: 'currency',
    currency,
    maximumFractionDigits: 0,
  });
  const compactMoney = new Intl.NumberFormat(language, {
    style: 'currency',
    currency,
    notation: 'compact',
  });
  const dateFormat = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' });
  const dayFormat = new Intl.DateTimeFormat(language, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    timeZone: 'UTC',
  });
  const momentFormat = new Intl.DateTimeFormat(language, {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: timezone,
  });
  const clockFormat = new Intl.DateTimeFormat(language, { timeStyle: 'short', timeZone: 'UTC' });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const number = new Intl.NumberFormat(language);
  const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 });
  const monthFormat = new Intl.DateTimeFormat(language, { month: 'short', year: '2-digit', timeZone: 'UTC' });
  const shortDay = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short', timeZone: 'UTC' });
  const scale = 10 ** digits;
  return {
    language,
    timezone,
    currency,
    scale,
    get today() {
      return dateIn(timezone);
    },
    /** @param minor amount in minor units of the currency */
    money: (minor: number | null | undefined) => (minor == null ? '' : moneyFormat.format(minor / scale)),
    moneyRound: (minor: number) => roundMoney.format(minor / scale),
    moneyCompact: (minor: number) => compactMoney.format(minor / scale),
    number: (value: number) => number.format(value),
    /** @param share fraction of 1 */
    percent: (share: number) => percent.format(share),
    /** A date range. Both dates are `YYYY-MM-DD`. */
    days: (from: string, to: string) => dateFormat.formatRange(atNoon(from), atNoon(to)),
    /** Month name and year. @param date any day of the month */
    month: (date: string) => monthFormat.format(atNoon(date)),
    /** Short form for chart axes. */
    dayShort: (date: string) => shortDay.format(atNoon(date)),
    /** @param date `YYYY-MM-DD`, or a timestamp that begins with it */
    date: (date: string | null | undefined) => (date ? dateFormat.format(atNoon(date)) : ''),
    day: (date: string | null | undefined) => (date ? dayFormat.format(atNoon(date)) : ''),
    moment: (at: string | null | undefined) => (at ? momentFormat.format(new Date(at)) : ''),
    /** @param time `HH:MM[:SS]`, in the event's local time */
    clock: (time: string | null | undefined) =>
      time ? clockFormat.format(new Date(`2000-01-01T${time.slice(0, 5)}Z`)) : '',
    /** Relative date: “tomorrow”, “in 5 days”, “3 weeks ago” */
    fromToday: (date: string) => {
      const days = daysBetween(dateIn(timezone), date);
      if (Math.abs(days) < 21) return relative.format(days, 'day');
      return Math.abs(days) < 75
        ? relative.format(Math.round(days / 7), 'week')
        : relative.format(Math.round(days / 30.4), 'month');
    },
  };
}

export type Format = ReturnType<typeof useFormat>;

/** The same formatters for another currency. Each row names its own currency. */
export function formatIn({ language, timezone }: Format, currency: string): Format {
  return formatFor(language, currency, timezone);
}

function atNoon(date: string): Date {
  return new Date(`${date.slice(0, 10)}T12:00:00Z`);
}
