import type { Condition } from './rule';

type Hours = Extract<Condition, { kind: 'outside-hours' }>;

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** The local day (`2026-11-29`) if a time is outside working hours, else undefined. `from` belongs to the working hours, `to` does not. */
export function dayOutside({ timeZone, days, from, to }: Hours, time: Date): string | undefined {
  const format = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
    ...{ year: 'numeric', month: '2-digit', day: '2-digit' },
  });
  const part = Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, value]));
  const now = `${part.hour}:${part.minute}`;
  const isWorking = days.includes(DAYS.indexOf(part.weekday ?? '') + 1) && isBetween(now, from, to);
  return isWorking ? undefined : `${part.year}-${part.month}-${part.day}`;
}

/** Working hours may pass midnight, such as from 22:00 to 06:00. */
function isBetween(now: string, from: string, to: string): boolean {
  return from <= to ? from <= now && now < to : from <= now || now < to;
}
