/** A calendar date moved by days; both ISO dates. */
export function shiftDate(date: string, days: number): string {
  const moved = new Date(`${date}T00:00:00Z`);
  moved.setUTCDate(moved.getUTCDate() + days);
  return moved.toISOString().slice(0, 10);
}

/** The calendar date (ISO) of an instant at a place. @param timezone IANA name */
export function dateIn(timezone: string, instant: Date): string {
  return localTime(timezone, instant).date;
}

/** The date (ISO) and the hour (0 to 23) at a place. @param timezone IANA name */
export function localTime(timezone: string, now: Date): { date: string; hour: number } {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: timezone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    hourCycle: 'h23',
  });
  const parts = format.formatToParts(now);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? '';
  return { date: `${part('year')}-${part('month')}-${part('day')}`, hour: Number(part('hour')) };
}
