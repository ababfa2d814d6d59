// How far apart the runs of a cron expression are: what has a schedule is late by it, not by a fixed time.

const DAY_MS = 86_400_000;
/** Days that are looked at: from one leap day to the next, so that every pattern of months and weekdays comes. */
const DAYS = 8 * 366;
const FROM = Date.UTC(2096, 0, 1);
const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const WEEKDAYS = 'sun mon tue wed thu fri sat'.split(' ');

/**
 * The longest time between two runs of a cron expression of five fields in UTC, ms. Undefined for one that never runs, or has what only its
 * scheduler knows, such as `L`.
 */
export function longestInterval(cron: string): number | undefined {
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = cron.trim().split(/\s+/);
  const minutes = readField(minute, 0, 59);
  const hours = readField(hour, 0, 23);
  const days = readField(day, 1, 31);
  const months = readField(month, 1, 12, MONTHS, 1);
  const weekdays = readField(weekday, 0, 7, WEEKDAYS, 0);
  if (!minutes || !hours || !days || !months || !weekdays) return undefined;
  if (weekdays.has(7)) weekdays.add(0);
  const isAny = (field: string) => /^[*?]/.test(field);
  const runsOn = (date: Date) => {
    const [byDay, byWeekday] = [days.has(date.getUTCDate()), weekdays.has(date.getUTCDay())];
    // Where both are limited, one of them is enough.
    const isIn = isAny(day) || isAny(weekday) ? byDay && byWeekday : byDay || byWeekday;
    return isIn && months.has(date.getUTCMonth() + 1);
  };
  const times = [...hours]
    .flatMap((h) => [...minutes].map((m) => (h * 60 + m) * 60_000))
    .sort((a, b) => a - b);
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  let longest = Math.max(0, ...times.slice(1).map((time, index) => time - (times[index] ?? 0)));
  let before: number | undefined;
  let runs = 0;
  for (let at = FROM; at < FROM + DAYS * DAY_MS; at += DAY_MS) {
    if (!runsOn(new Date(at))) continue;
    runs += 1;
    if (before !== undefined) longest = Math.max(longest, at + first - before);
    before = at + last;
  }
  return runs > 1 ? longest : undefined;
}

/** The numbers that a field stands for; undefined where it cannot be read. @param names for numbers from `base` on */
function readField(
  field: string,
  least: number,
  most: number,
  names: readonly string[] = [],
  base = 0,
): Set<number> | undefined {
  const found = new Set<number>();
  for (const item of field.toLowerCase().split(',')) {
    const [, range = '', step = '1'] = /^([*?]|\w+(?:-\w+)?)(?:\/(\d+))?$/.exec(item) ?? [];
    const numberOf = (text: string) => (names.includes(text) ? names.indexOf(text) + base : Number(text));
    const ends = /^[*?]$/.test(range) ? [least, most] : range.split('-').map(numberOf);
    const [from = Number.NaN, to = item.includes('/') ? most : from] = ends;
    if (!(from >= least && to <= most && from <= to && Number(step) > 0)) return undefined;
    for (let n = from; n <= to; n += Number(step)) found.add(n);
  }
  return found;
}
