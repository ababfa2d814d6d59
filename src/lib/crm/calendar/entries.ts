import type { TenantClient } from '@/lib/data-sources';
import { dateIn, shiftDate } from '../dates';
import { loadSettings } from '../settings/load';
import type { FeedSubject } from './feeds';
import type { CalendarEntry } from './icalendar';

/** Days of the past that a feed shows, and how many entries at most. */
const PAST_DAYS = 90;
const MOST = 2000;
/** How many days a booking may be from the day of its date: its night, two days of teardown, the longest buffer and another time zone. */
const REACH = 34;
/** No date is later. */
const LAST_DAY = '2200-01-01';

interface DateRow {
  id: string;
  event_date: string;
  occupied: string;
  timezone: string;
  status: string;
  version: number;
  updated_at: string;
  locations: { name: string; address: string | null; city: string | null } | null;
  events: { title: string; event_number: string; status: string; version: number } | null;
}

interface AssignmentRow {
  id: string;
  status: string;
  version: number;
  updated_at: string;
  per: string | null;
  hold_expires_at?: string | null;
  checked_in_at?: string | null;
  event_dates: DateRow | null;
  staff_roles?: { name: string } | null;
}

const DATE =
  'event_dates!inner(id,event_date,occupied,timezone,status,version,updated_at,locations(name,address,city),events(title,event_number,status,version))';

/**
 * What a person works or a booth is booked for, from three months back on.
 *
 * @param client of the whole tenant, or of a user who may read it
 * @param most how many entries: those to come, soonest first, then those that are over, latest first
 */
export async function loadEntries(
  client: TenantClient,
  subject: FeedSubject,
  most = MOST,
): Promise<CalendarEntry[]> {
  const { timezone } = await loadSettings(client, ['timezone']);
  const today = dateIn(timezone, new Date());
  const coming = await loadRows(client, subject, { from: today, to: LAST_DAY }, 'first', most);
  const before = { from: shiftDate(today, -PAST_DAYS), to: shiftDate(today, -1) };
  const past =
    coming.length < most ? await loadRows(client, subject, before, 'last', most - coming.length) : [];
  return inOrder([...past, ...coming]);
}

function inOrder(rows: AssignmentRow[]): CalendarEntry[] {
  return rows.flatMap(toEntry).sort((a, b) => a.start.localeCompare(b.start) || a.id.localeCompare(b.id));
}

/** The first or last rows of some days, so many at most. */
async function loadRows(
  client: TenantClient,
  subject: FeedSubject,
  { from, to }: { from: string; to: string },
  which: 'first' | 'last',
  limit: number,
): Promise<AssignmentRow[]> {
  const order = { ascending: which === 'first' };
  const { data } =
    subject.kind === 'user'
      ? await client
          .from('event_staff_assignments')
          .select(`id,status,version,updated_at,per,staff_roles(name),${DATE}`)
          .eq('user_id', subject.id)
          .in('status', ['invited', 'accepted', 'confirmed', 'cancelled'])
          .gte('event_dates.event_date', from)
          .lte('event_dates.event_date', to)
          .order('event_dates(event_date)', order)
          .order('id')
          .limit(limit)
          .throwOnError()
      : await client
          .from('booth_assignments')
          .select(`id,status,version,updated_at,per,hold_expires_at,checked_in_at,${DATE}`)
          .eq('booth_id', subject.id)
          .in('status', ['hold', 'reserved', 'checked_out', 'returned', 'cancelled'])
          .gte('event_dates.event_date', from)
          .lte('event_dates.event_date', to)
          .order('event_dates(event_date)', order)
          .order('id')
          .limit(limit)
          .throwOnError();
  return data;
}

function toEntry(row: AssignmentRow): CalendarEntry[] {
  const date = row.event_dates;
  const span = date && readRange(row.per ?? date.occupied);
  if (!date || !span) return [];
  const { events: event, locations: location } = date;
  // What came back early is free from then on.
  const end = row.checked_in_at ? earlierOf(span.end, row.checked_in_at) : span.end;
  // What was taken off an event stays in the feed as cancelled, so that calendars drop their copy. What is still out is busy.
  const isOff =
    row.status === 'cancelled' ||
    (row.status === 'hold' && Date.parse(row.hold_expires_at ?? '') <= Date.now()) ||
    (row.status !== 'checked_out' && (date.status === 'cancelled' || event?.status === 'cancelled')) ||
    end <= span.start;
  const place = location && [location.name, location.address, location.city].filter(Boolean).join(', ');
  const details = [event?.event_number, row.staff_roles?.name].filter(Boolean).join(' · ');
  return [
    {
      id: row.id,
      title: event?.title ?? 'Hold',
      start: span.start,
      end: isOff ? span.end : end,
      timezone: date.timezone,
      ...(place ? { place } : {}),
      ...(details ? { description: details } : {}),
      status: isOff ? 'cancelled' : isFirm(row.status, event?.status) ? 'confirmed' : 'tentative',
      // The entry changes when any of the three rows does.
      sequence: row.version + date.version + (event?.version ?? 0) - 3,
      updatedAt: [row.updated_at, date.updated_at].sort().at(-1) ?? row.updated_at,
    },
  ];
}

function isFirm(assignment: string, event: string | undefined): boolean {
  const isPromised = ['confirmed', 'accepted', 'reserved', 'checked_out', 'returned'].includes(assignment);
  return isPromised && event !== undefined && event !== 'tentative';
}

/** `["2026-05-01 22:00:00+00","2026-05-02 04:00:00+00")` as instants. */
function readRange(range: string): { start: string; end: string } | undefined {
  const [, from, to] = /^[[(]"?([^",]+)"?,"?([^",]+)"?[\])]$/.exec(range) ?? [];
  const [start, end] = [from, to].map(
    (text) => new Date((text ?? '').replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00')),
  );
  if (!start || !end || Number.isNaN(start.getTime()) || Number.isNaN(end.getTime())) return undefined;
  return { start: start.toISOString(), end: end.toISOString() };
}

function earlierOf(instant: string, other: string): string {
  return new Date(Math.min(Date.parse(instant), Date.parse(other))).toISOString();
}

/** When a person or a booth is busy on some days of the company's calendar. @param days first and last, ISO */
export async function loadBusyTimes(
  client: TenantClient,
  subject: FeedSubject,
  days: { from: string; to: string },
): Promise<{ start: string; end: string }[]> {
  const { timezone } = await loadSettings(client, ['timezone']);
  const dayOf = (instant: number) => dateIn(timezone, new Date(instant));
  const near = { from: shiftDate(days.from, -REACH), to: shiftDate(days.to, REACH) };
  return busyTimes(inOrder(await loadRows(client, subject, near, 'first', MOST))).filter(
    // What ends at midnight does not touch the next day.
    ({ start, end }) => dayOf(Date.parse(start)) <= days.to && dayOf(Date.parse(end) - 1) >= days.from,
  );
}

/** Busy periods, merged where they are adjacent or overlap. */
function busyTimes(entries: CalendarEntry[]): { start: string; end: string }[] {
  const busy: { start: string; end: string }[] = [];
  for (const { start, end, status } of entries) {
    if (status === 'cancelled') continue;
    const last = busy.at(-1);
    if (!last || start > last.end) busy.push({ start, end });
    else if (end.localeCompare(last.end) > 0) last.end = end;
  }
  return busy;
}
