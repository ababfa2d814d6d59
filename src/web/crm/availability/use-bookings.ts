import { useMemo } from 'react';
import { shiftDays, useFormat } from '../../hooks/format';
import { useRecords } from '../../hooks/records/records';
import type { TimelineBar } from './lay-bars';
import { readRange } from './range';

interface Booking {
  id: string;
  per: string | null;
  status: string;
  hold_expires_at?: string | null;
  overbooked: boolean;
}

interface BookedDate {
  id: string;
  event_date: string;
  event: { id: string; title: string } | null;
  opportunity: { name: string } | null;
  booths: (Booking & { booth_id: string })[];
  equipment: (Booking & { equipment_item_id: string })[];
  crew: (Booking & { user_id: string })[];
}

const GONE = new Set(['cancelled', 'declined', 'no_show']);
/** How many days a booking may be from the day of its date without buffers: its night, two days of teardown, another time zone. */
const REACH = 4;

export interface Buffers {
  buffer_before_minutes: number;
  buffer_after_minutes: number;
}

/** Bookings grouped by resource (booth, equipment item or person) for a range of days. @param buffers of what is shown */
export function useBookings(first: string, days: number, enabled: boolean, buffers: readonly Buffers[]) {
  const { timezone } = useFormat();
  // A day at least, so that nothing is read again once ordinary buffers are known.
  const longest = Math.max(
    1440,
    ...buffers.flatMap(({ buffer_before_minutes, buffer_after_minutes }) => [
      buffer_before_minutes,
      buffer_after_minutes,
    ]),
  );
  const reach = REACH + Math.ceil(longest / 1440);
  const { data, error, isPending, refetch } = useRecords<'event_dates', BookedDate>(
    'event_dates',
    {
      select:
        'id,event_date,event:events!event_dates_event_id_fkey(id,title),opportunity:opportunities!event_dates_opportunity_id_fkey(name),booths:booth_assignments!booth_assignments_event_date_id_fkey(id,per,status,hold_expires_at,overbooked,booth_id),equipment:equipment_assignments!equipment_assignments_event_date_id_fkey(id,per,status,hold_expires_at,overbooked,equipment_item_id),crew:event_staff_assignments!event_staff_assignments_event_date_id_fkey(id,per,status,overbooked,user_id)',
      filters: [
        ['event_date', 'gte', shiftDays(first, -reach)],
        ['event_date', 'lte', shiftDays(first, days + reach)],
      ],
    },
    { live: true, enabled },
  );
  const bars = useMemo(() => {
    const byResource = new Map<string, TimelineBar[]>();
    for (const date of data ?? []) {
      const title = date.event?.title ?? date.opportunity?.name ?? '';
      const all = [
        ...date.booths.map((booking) => [booking.booth_id, booking] as const),
        ...date.equipment.map((booking) => [booking.equipment_item_id, booking] as const),
        ...date.crew.map((booking) => [booking.user_id, booking] as const),
      ];
      for (const [resource, { id, per, status, hold_expires_at, overbooked }] of all) {
        const span = per === null ? null : readRange(per);
        if (!span || GONE.has(status)) continue;
        // Expired holds are over, though the job that cancels them may not have run.
        if (status === 'hold' && Date.parse(hold_expires_at ?? '') <= Date.now()) continue;
        const bar = {
          id,
          eventId: date.event?.id ?? null,
          title,
          status,
          overbooked,
          from: daysFrom(first, span.starts, timezone),
          to: daysFrom(first, span.ends, timezone),
          ...span,
        };
        byResource.set(resource, [...(byResource.get(resource) ?? []), bar]);
      }
    }
    return byResource;
  }, [data, first, timezone]);
  return { bars, error, isPending, refetch: () => void refetch() };
}

/** Fractional days since local midnight of a date. */
function daysFrom(first: string, at: string, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('sv-SE', {
    timeZone,
    dateStyle: 'short',
    timeStyle: 'medium',
  }).format(new Date(at));
  return (Date.parse(`${parts.replace(' ', 'T')}Z`) - Date.parse(`${first}T00:00:00Z`)) / 86_400_000;
}
