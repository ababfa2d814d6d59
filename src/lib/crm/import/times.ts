import { CellError } from './errors';

/** `18:00`, `6:30 pm`, `18.30 Uhr`, `6pm`, `1830`. */
const CLOCK = /^(\d{1,2})(?:[:.h]?(\d{2}))?(?::\d{2}(?:\.\d+)?)?\s*([ap])?\.?(?:m\.?)?\s*(?:uhr|h)?$/i;
/** What makes a number a time: minutes behind a colon, or a word. */
const SURELY_TIME = /^\d{1,2}:\d{2}|\d\s*([ap]\.?m\.?|uhr|h)$/i;
const RANGE = /\s*(?:-|–|—|\bto\b|\bbis\b|\buntil\b)\s*/i;
/** A time of day behind a date. */
const BEHIND_DATE = /[T ,]+(\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:\.\d+)?)?\s*(?:[ap]\.?m\.?)?)\s*(?:uhr)?$/i;
const ZONED = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)\s*(Z|[+-]\d\d:?\d\d)$/i;
/** A day's number with the time as its fraction, as spreadsheets have it. */
const SERIAL = /^\d{5}(\.\d+)$/;
const DAY_MINUTES = 24 * 60;

/** Reads a time of day. @returns `HH:MM` @throws CellError `import_bad_time` */
export function readTime(text: string): string {
  const fraction = /^0?\.\d+$/.test(text.trim()) ? Number(text) : undefined;
  if (fraction !== undefined) return clockOf(Math.round(fraction * DAY_MINUTES));
  const [, hours = '', minutes = '0', half] = CLOCK.exec(text.trim()) ?? [];
  const hour = half ? (Number(hours) % 12) + (half.toLowerCase() === 'p' ? 12 : 0) : Number(hours);
  const isThere = hours !== '' && Number(minutes) < 60 && (half ? Number(hours) <= 12 : hour <= 24);
  if (isThere && (hour < 24 || minutes === '00' || minutes === '0'))
    return clockOf(hour * 60 + Number(minutes));
  throw new CellError('import_bad_time', `“${text}” is not a time of day.`, { hint: 'Write it as 18:30.' });
}

/** Reads `18:00`, or both ends of `6–11 pm`. @throws CellError `import_bad_time` */
export function readTimes(text: string): { start: string; end?: string } {
  const [first = '', second, ...more] = text.trim().split(RANGE);
  if (second === undefined || more.length > 0) return { start: readTime(text) };
  const half = /([ap])\.?m\.?$/i.exec(second)?.[0] ?? '';
  const isSameHalf =
    half !== '' && !/[ap]\.?m/i.test(first) && Number.parseInt(first, 10) < Number.parseInt(second, 10);
  return { start: readTime(isSameHalf ? `${first} ${half}` : first), end: readTime(second) };
}

/** Whether a cell is a time of day, and no date. */
export function isTime(text: string): boolean {
  return SURELY_TIME.test(text.trim()) && CLOCK.test(text.trim());
}

/** The time behind a date; none at midnight, which systems write for days without a time. */
export function timeBehind(text: string): string | undefined {
  const fraction = SERIAL.exec(text.trim())?.[1];
  const clock = BEHIND_DATE.exec(text.trim())?.[1];
  const time = fraction ? clockOf(Math.round(Number(fraction) * DAY_MINUTES)) : clock && readTime(clock);
  return time === '00:00' ? undefined : time;
}

/** An instant with its offset (`2026-05-01T16:00:00Z`) as day and time in a zone. @param timezone IANA name */
export function readInstant(text: string, timezone: string): { date: string; time: string } | undefined {
  const [, day, clock, offset = ''] = ZONED.exec(text.trim()) ?? [];
  if (!day) return undefined;
  const instant = new Date(`${day}T${clock}${offset.replace(/^([+-]\d\d)(\d\d)$/, '$1:$2').toUpperCase()}`);
  if (Number.isNaN(instant.getTime())) return undefined;
  const [date = '', time = ''] = new Intl.DateTimeFormat('sv-SE', {
    timeZone: timezone,
    dateStyle: 'short',
    timeStyle: 'short',
  })
    .format(instant)
    .split(' ');
  return { date, time };
}

function clockOf(minutes: number): string {
  const within = minutes % DAY_MINUTES;
  return `${String(Math.floor(within / 60)).padStart(2, '0')}:${String(within % 60).padStart(2, '0')}`;
}
