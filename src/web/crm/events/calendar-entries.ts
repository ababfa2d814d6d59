import type { EventInput } from '@fullcalendar/react';
import { isLightColor } from '@mantine/core';
import { shiftDays } from '../../hooks/dates/days';

const NO_CATEGORY = '#4b3fb5';
/** Luminance of a background from which black letters have more contrast than white ones. */
const LIGHT = 0.179;

interface Category {
  name: string;
  color: string | null;
}

interface CalendarEvent {
  id: string;
  title: string;
  status: string;
  category: Category | null;
}

export interface CalendarDate {
  id: string;
  event_date: string;
  start_time: string;
  end_time: string;
  setup_time: string | null;
  event: CalendarEvent | null;
  deal: { id: string; name: string; closed_at: string | null } | null;
  booths: { booth_id: string; status: string; hold_expires_at: string | null }[];
  crew: { user_id: string; status: string }[];
}

/** An event that has days, but no dates with hours: imported, for example. */
export interface DatelessEvent extends CalendarEvent {
  start_date: string;
  end_date: string | null;
  dates: { id: string }[];
}

export const DATES =
  'id,event_date,start_time,end_time,setup_time,event:events!event_dates_event_id_fkey(id,title,status,category:event_categories!events_event_category_id_fkey(name,color)),deal:opportunities!event_dates_opportunity_id_fkey(id,name,closed_at),booths:booth_assignments!booth_assignments_event_date_id_fkey(booth_id,status,hold_expires_at),crew:event_staff_assignments!event_staff_assignments_event_date_id_fkey(user_id,status)';
export const DATELESS =
  'id,title,status,start_date,end_date,category:event_categories!events_event_category_id_fkey(name,color),dates:event_dates!event_dates_event_id_fkey(id)';

/** How an entry looks: confirmed is filled, tentative hatched, a hold of a deal outlined. */
export type Look = 'firm' | 'tentative' | 'hold';

export interface CalendarFilter {
  booth: string | null;
  person: string | null;
}

const isTaking = ({ status, hold_expires_at }: CalendarDate['booths'][number]) =>
  ['reserved', 'checked_out', 'returned'].includes(status) ||
  (status === 'hold' && Date.parse(hold_expires_at ?? '') > Date.now());
const isWorking = ({ status }: CalendarDate['crew'][number]) =>
  ['invited', 'accepted', 'confirmed'].includes(status);

function matches({ booths, crew }: CalendarDate, { booth, person }: CalendarFilter): boolean {
  return (
    (booth === null || booths.some((booking) => booking.booth_id === booth && isTaking(booking))) &&
    (person === null || crew.some((shift) => shift.user_id === person && isWorking(shift)))
  );
}

/**
 * Entries of event dates, and of open deals' dates for which a booth is held. In the month, consecutive days of one event are one
 * entry, which is not dragged: in the week and the day each date is its own.
 */
export function entriesOf(
  dates: readonly CalendarDate[],
  filter: CalendarFilter,
  as: 'month' | 'week' | 'day',
): EventInput[] {
  const shown = dates.filter((date) => matches(date, filter));
  const holds = shown.filter(
    ({ event, deal, booths }) => !event && deal && deal.closed_at === null && booths.some(isTaking),
  );
  const ofEvents = shown.filter(({ event }) => event && event.status !== 'cancelled');
  const runs = as === 'month' ? runsOf(ofEvents) : ofEvents.map((date) => [date]);
  return [...runs.flatMap(entryOf), ...holds.flatMap(holdOf)];
}

/** Entries for events without dates: whole days. */
export function datelessEntries(events: readonly DatelessEvent[], filter: CalendarFilter): EventInput[] {
  if (filter.booth !== null || filter.person !== null) return [];
  return events
    .filter(({ dates }) => dates.length === 0)
    .map((event) => ({
      ...looksOf(event),
      id: event.id,
      start: event.start_date,
      end: shiftDays(event.end_date ?? event.start_date, 1),
      allDay: true,
      editable: false,
    }));
}

/** Dates of one event on days that follow each other. */
function runsOf(dates: readonly CalendarDate[]): CalendarDate[][] {
  const runs: CalendarDate[][] = [];
  const ofEvents = Map.groupBy(dates, ({ event }) => event?.id);
  for (const own of ofEvents.values()) {
    let run: CalendarDate[] = [];
    for (const date of own.toSorted((a, b) => a.event_date.localeCompare(b.event_date))) {
      const last = run.at(-1);
      if (last && date.event_date !== shiftDays(last.event_date, 1)) {
        runs.push(run);
        run = [];
      }
      run.push(date);
    }
    if (run.length > 0) runs.push(run);
  }
  return runs;
}

function entryOf(run: CalendarDate[]): EventInput[] {
  const [first, last] = [run[0], run.at(-1)];
  if (!first?.event || !last) return [];
  if (run.length > 1)
    return [
      {
        ...looksOf(first.event),
        id: first.id,
        start: first.event_date,
        end: shiftDays(last.event_date, 1),
        allDay: true,
        editable: false,
      },
    ];
  return [{ ...looksOf(first.event), ...timesOf(first) }];
}

function holdOf(date: CalendarDate): EventInput[] {
  if (!date.deal) return [];
  return [
    {
      ...timesOf(date),
      title: date.deal.name,
      className: 'hold' satisfies Look,
      editable: false,
      extendedProps: { path: `/opportunities/${date.deal.id}`, look: 'hold' satisfies Look },
    },
  ];
}

/** From 00:00 to 00:00 is a whole day. An end that is not later than the start is on the next day. */
function timesOf({ id, event_date, start_time, end_time }: CalendarDate): EventInput {
  if (start_time.startsWith('00:00') && end_time.startsWith('00:00'))
    return { id, start: event_date, end: shiftDays(event_date, 1), allDay: true };
  const lastDay = end_time <= start_time ? shiftDays(event_date, 1) : event_date;
  return { id, start: `${event_date}T${start_time}`, end: `${lastDay}T${end_time}`, allDay: false };
}

function looksOf({ id, title, status, category }: CalendarEvent) {
  const look: Look = ['tentative', 'postponed'].includes(status) ? 'tentative' : 'firm';
  const color = category?.color ?? NO_CATEGORY;
  return {
    title,
    color,
    contrastColor: isLightColor(color, LIGHT) ? '#000' : '#fff',
    className: look,
    extendedProps: { path: `/events/${id}`, look },
  };
}
