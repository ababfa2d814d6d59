import { shiftDate } from '../dates';
import type { BookingField } from './entities';

/** What is booked with an imported event. */
export interface Booking {
  /** Days with local times of the place, or of the company. `end_time` null: after the usual duration. */
  dates: { event_date: string; start_time: string; end_time: string | null }[];
  /** A booth, a booth type, or several of them, by name. */
  booth: string | null;
}

const MOST_DAYS = 31;
/** What a row with a booth and without times comes in with. */
export const WHOLE_DAY = 'There is no start time, so the booth is reserved for the whole day.';

type Times = Pick<Booking['dates'][number], 'start_time' | 'end_time'>;

/**
 * The dates of a row and what is booked for them. A day without times stays a day, unless a booth is named: that one is taken for the
 * whole day, and the row says so.
 *
 * @param asked times and booth as the row says them; times as `HH:MM`
 * @param report takes what the row comes without
 */
export function bookingOf(
  values: Readonly<Record<string, unknown>>,
  asked: Readonly<Partial<Record<BookingField, string>>>,
  report: (column: string, message: string) => void,
): Booking {
  const booth = asked.booth_id?.trim() || null;
  const first = values.start_date as string | undefined;
  if (!first) {
    if (booth) report('Booth', 'The row has no date, so no booth is reserved.');
    return { dates: [], booth: null };
  }
  if (!asked.start_time && !booth) return { dates: [], booth: null };
  if (!asked.start_time) report('Start time', WHOLE_DAY);
  const times = asked.start_time
    ? { start_time: asked.start_time, end_time: asked.end_time ?? null }
    : { start_time: '00:00', end_time: '00:00' };
  const last = lastDay(first, (values.end_date as string | undefined) ?? first, times);
  const days: string[] = [];
  for (let day = first; day <= last; day = shiftDate(day, 1)) {
    days.push(day);
    if (days.length <= MOST_DAYS) continue;
    report('Last day', `Events of more than ${MOST_DAYS} days come in without dates.`);
    return { dates: [], booth: null };
  }
  return { dates: days.map((event_date) => ({ event_date, ...times })), booth };
}

/** An end after midnight belongs to the day on which it began. */
function lastDay(first: string, last: string, { start_time, end_time }: Times): string {
  const isOvernight = end_time !== null && end_time <= start_time && end_time !== '00:00';
  return isOvernight && last > first ? shiftDate(last, -1) : last;
}
