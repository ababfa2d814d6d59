import { currencyStyle, fractionDigits } from '@/lib/money';
import { useWords } from '../i18n/use-words';
import { useSettings } from './company/settings';
import { daysBetween } from './dates/days';

export { daysBetween, shiftDays } from './dates/days';

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
  const moneyFormat = new Intl.NumberFormat(language, currencyStyle(currency));
  const digits = fractionDigits(currency);
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
  const dayParts = { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' } as const;
  const dayFormat = new Intl.DateTimeFormat(language, dayParts);
  const dayAndYear = new Intl.DateTimeFormat(language, { ...dayParts, year: 'numeric' });
  const momentFormat = new Intl.DateTimeFormat(language, {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: timezone,
  });
  const clockFormat = new Intl.DateTimeFormat(language, { timeStyle: 'short', timeZone: 'UTC' });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const number = new Intl.NumberFormat(language);
  const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 });
  const rate = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 4 });
  const monthFormat = new Intl.DateTimeFormat(language, { month: 'short', year: '2-digit', timeZone: 'UTC' });
  const shortDay = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short', timeZone: 'UTC' });
  const scale = 10 ** digits;
  return {
    language,
    timezone,
    currency,
    /** Minor units of one unit: 100 for dollars. */
    scale,
    /** Decimals of the currency. */
    digits,
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
    /** @param percent such as a tax rate, with all its decimals */
    rate: (percent: number) => rate.format(percent / 100),
    /** A date range. Both dates are `YYYY-MM-DD`. */
    days: (from: string, to: string) => dateFormat.formatRange(atNoon(from), atNoon(to)),
    /** Month name and year. @param date any day of the month */
    month: (date: string) => monthFormat.format(atNoon(date)),
    /** Short form for chart axes. */
    dayShort: (date: string) => shortDay.format(atNoon(date)),
    /** @param date `YYYY-MM-DD`, or a timestamp, of which it is the day in the tenant's time zone */
    date: (date: string | null | undefined) =>
      date ? dateFormat.format(atNoon(date.length > 10 ? dateIn(timezone, new Date(date)) : date)) : '',
    day: (date: string | null | undefined) => (date ? dayFormat.format(atNoon(date)) : ''),
    /** As `day`, with the year of a date that is not in the current one. */
    dayInYear: (date: string) =>
      (date.slice(0, 4) === dateIn(timezone).slice(0, 4) ? dayFormat : dayAndYear).format(atNoon(date)),
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

/** The same formatters for the currency that a row names, if it does. */
export function formatOf(format: Format, { currency }: Readonly<Record<string, unknown>>): Format {
  return typeof currency === 'string' ? formatIn(format, currency) : format;
}

function atNoon(date: string): Date {
  return new Date(`${date}T12:00:00Z`);
}
