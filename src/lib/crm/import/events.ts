import type { TenantClient } from '@/lib/data-sources';
import { shiftDate } from '../dates';
import { inWords } from '../refusals';
import { WHOLE_DAY } from './bookings';
import type { CellReport, ImportRow } from './rows';

/** What the database answers for each event. */
interface Answer {
  /** Why the event was not made. */
  refused?: { code: string; message: string; details: string };
  /** What it was made without. */
  findings: CellReport[];
}

/** Events in one request: each books in a savepoint of its own. */
const MOST = 100;

/**
 * Makes events with their dates, and books their booths by the rules of new events. What is taken is not booked: the row says so.
 *
 * @returns why each row was refused; undefined for those that were made
 */
export async function makeEvents(client: TenantClient, rows: ImportRow[]): Promise<(string | undefined)[]> {
  const refusals: (string | undefined)[] = [];
  for (let at = 0; at < rows.length; at += MOST)
    refusals.push(...(await ask(client, rows.slice(at, at + MOST), false)));
  return refusals;
}

/** Finds out what `makeEvents` would report, for the rows together; writes nothing. */
export async function tryEvents(client: TenantClient, rows: ImportRow[]): Promise<void> {
  if (rows.length === 0) return;
  const refusals = await ask(client, rows, true);
  for (const [index, message] of refusals.entries())
    if (message) rows[index]?.errors.push({ column: '', message });
}

/** Events whose dates are read in one request: each may have 31, and a Supabase project answers 1,000 rows. */
const MOST_READ = 30;

interface BookedDate {
  event_id: string;
  event_date: string;
  start_time: string;
  end_time: string;
  status: string;
  booths: { status: string; booth: { name: string; type: { name: string } } }[];
}

/**
 * Rows about events that are there already change neither dates nor bookings: those in which they differ say so.
 *
 * @param pairs rows with the ids of their events
 */
export async function reportKept(
  client: TenantClient,
  pairs: readonly { id: string; row: ImportRow }[],
): Promise<void> {
  const dates = new Map<string, BookedDate[]>();
  const ids = [...new Set(pairs.map(({ id }) => id))];
  for (let at = 0; at < ids.length; at += MOST_READ) {
    const { data } = await client
      .from('event_dates')
      .select(
        'event_id, event_date, start_time, end_time, status, booths:booth_assignments!booth_assignments_event_date_id_fkey(status, booth:booths!booth_assignments_booth_id_fkey(name, type:booth_types!booths_booth_type_id_fkey(name)))',
      )
      .in('event_id', ids.slice(at, at + MOST_READ))
      .order('event_date')
      .throwOnError();
    for (const date of data as unknown as BookedDate[])
      dates.set(date.event_id, [...(dates.get(date.event_id) ?? []), date]);
  }
  for (const { id, row } of pairs) {
    row.leftOut = row.leftOut.filter(({ message }) => message !== WHOLE_DAY);
    if (differs(row, dates.get(id) ?? []))
      row.leftOut.push({
        column: 'Date',
        message: 'The event keeps its dates and bookings: change them on its page.',
      });
  }
}

/** Whether a row says other days, times or booths than an event has. What it does not say does not differ. */
function differs({ values, booking, asked }: ImportRow, all: readonly BookedDate[]): boolean {
  const standing = all.filter(({ status }) => status !== 'cancelled');
  const dates = standing.length > 0 ? standing : all;
  const wanted = booking?.dates ?? [];
  if (wanted.length > 0) {
    const hasAll = wanted.every(({ event_date, start_time, end_time }) =>
      dates.some(
        (date) =>
          date.event_date === event_date &&
          (!asked.start_time ||
            (date.start_time.startsWith(start_time) &&
              (end_time === null || date.end_time.startsWith(end_time)))),
      ),
    );
    if (!hasAll || dates.length !== wanted.length) return true;
  } else {
    // Days without times are days of the event itself while it has no dates.
    const [first, last] = [dates[0], dates.at(-1)];
    if (first && last) {
      if (typeof values.start_date === 'string' && values.start_date !== first.event_date) return true;
      const ends = [last.event_date, last.end_time <= last.start_time ? shiftDate(last.event_date, 1) : ''];
      if (typeof values.end_date === 'string' && !ends.includes(values.end_date)) return true;
    }
  }
  return booking?.booth != null && standing.some((date) => !isBookedFor(date, booking.booth ?? ''));
}

/** Whether each booth or booth type that a text names is booked for a date; several are listed, as `import_events` reads them. */
function isBookedFor({ booths }: BookedDate, text: string): boolean {
  const names = booths
    .filter(({ status }) => status !== 'cancelled')
    .flatMap(({ booth }) => [booth.name, booth.type.name])
    .map((name) => name.toLowerCase());
  const isBooked = (name: string) => names.includes(name.trim().toLowerCase());
  return isBooked(text) || text.split(/[;,+&]/).every((name) => name.trim() === '' || isBooked(name));
}

async function ask(client: TenantClient, rows: ImportRow[], trial: boolean): Promise<(string | undefined)[]> {
  const events = rows.map(({ id, values, booking }) => ({ event: { ...values, id }, ...booking }));
  const { data } = await client.rpc('import_events', { events: events as never, trial }).throwOnError();
  return (data as unknown as Answer[]).map(({ refused, findings }, index) => {
    if (refused) return inWords(refused) ?? refused.message;
    rows[index]?.leftOut.push(...findings);
    return undefined;
  });
}
