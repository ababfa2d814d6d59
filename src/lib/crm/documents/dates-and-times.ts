// Dates and times as people of a locale write them: 12 hours in the United States, 24 in Germany.
import type { OccasionDate } from './model';

/** A date without a time; it has no timezone, so none may shift it. @param iso `2026-05-01` */
export function formatDate(iso: string, locale: string, dateStyle: 'long' | 'full' = 'long'): string {
  return new Intl.DateTimeFormat(locale, { dateStyle, timeZone: 'UTC' }).format(
    new Date(`${iso.slice(0, 10)}T00:00:00Z`),
  );
}

/** A time of day. @param time `18:00` or `18:00:00` */
export function formatTime(time: string, locale: string): string {
  const text = new Intl.DateTimeFormat(locale, { timeStyle: 'short', timeZone: 'UTC' }).format(
    new Date(`2026-01-01T${time.slice(0, 5)}:00Z`),
  );
  return text.replaceAll('\u202f', '\u00a0');
}

/** When something takes place, in the time of that place. Times are `18:00` or `18:00:00`. */
export interface Hours {
  start?: string;
  end?: string;
  /** IANA name. */
  timezone?: string;
}

/** `6:00 PM – 10:00 PM EDT`. @param date on which it starts, ISO: the zone’s short name depends on it */
export function formatHours(date: string, { start, end, timezone }: Hours, locale: string): string {
  if (!start) return '';
  const span = [start, end].filter((time) => time !== undefined).map((time) => formatTime(time, locale));
  return [span.join(' – '), timezone ? zoneName(date, timezone, locale) : ''].filter(Boolean).join(' ');
}

/** A moment, to the minute, with the zone. @param timezone IANA name */
export function formatMoment(iso: string, locale: string, timezone: string): string {
  const options = { dateStyle: 'long', timeStyle: 'short', timeZone: timezone } as const;
  const text = new Intl.DateTimeFormat(locale, options).format(new Date(iso)).replaceAll('\u202f', '\u00a0');
  return `${text} ${zoneName(iso, timezone, locale)}`;
}

/** `EDT`, `MESZ`, `GMT+2`. @param at ISO date or moment */
function zoneName(at: string, timezone: string, locale: string): string {
  const moment = new Date(at.length === 10 ? `${at}T12:00:00Z` : at);
  const parts = new Intl.DateTimeFormat(locale, { timeZone: timezone, timeZoneName: 'short' }).formatToParts(
    moment,
  );
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? timezone;
}

/** `Saturday, June 12, 2027`, `6:00 PM – 10:00 PM EDT`, the place and its address. */
export function linesOf({ place, ...date }: OccasionDate, locale: string): string[] {
  return [
    formatDate(date.date, locale, 'full'),
    formatHours(date.date, date, locale),
    ...(place ? [place.name, ...place.lines] : []),
  ].filter(Boolean);
}
