import { Popover, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Database } from '@/lib/tenant-data/types';
import { daysBetween, shiftDays, useFormat } from '../../hooks/format';
import { useAnswer } from '../../hooks/records/functions';
import { useRecords } from '../../hooks/records/records';
import { Lines } from '../../ui/Panel';
import { RowLink } from '../today/RowLink';
import classes from './CountedDays.module.css';
import { readRange } from './range';

export type CountedDay = Database['public']['Functions']['booking_counts']['Returns'][number];

/** Bookings by thing and day: numbers only, since a month of names is long. */
export function useCountedDays(first: string, days: number, enabled: boolean) {
  const { data, error, isPending, refetch } = useAnswer(
    'booking_counts',
    { from_day: first, to_day: shiftDays(first, days - 1) },
    { enabled },
  );
  const byThing = useMemo(() => Map.groupBy(data ?? [], ({ thing_id }) => thing_id), [data]);
  return { byThing, error, isPending, refetch: () => void refetch() };
}

/** The days of a row of the timeline on which it is booked; their names are loaded when one is opened. */
export function CountedDays({
  days,
  first,
  count,
}: {
  days: readonly CountedDay[];
  first: string;
  count: number;
}) {
  return days.map((day) => (
    <Counted key={day.day} counted={day} left={daysBetween(first, day.day) / count} width={1 / count} />
  ));
}

function Counted({ counted, left, width }: { counted: CountedDay; left: number; width: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [opened, { toggle, close }] = useDisclosure();
  const { day, bookings, holds, overbooked } = counted;
  const words = [
    format.day(day),
    t('availability.bookings', { count: bookings }),
    overbooked ? t('overbooked.badge') : undefined,
  ];
  return (
    <Popover opened={opened} onChange={close} width={300} shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <button
          type="button"
          className={classes.day}
          style={{ left: `${100 * left}%`, width: `calc(${100 * width}% - 3px)` }}
          aria-label={words.filter(Boolean).join(', ')}
          data-hold={holds === bookings || undefined}
          data-overbooked={overbooked || undefined}
          onClick={toggle}
        >
          {bookings}
        </button>
      </Popover.Target>
      <Popover.Dropdown p={0}>{opened && <Names counted={counted} />}</Popover.Dropdown>
    </Popover>
  );
}

const TABLES = {
  booth: ['booth_assignments', 'booth_id'],
  equipment: ['equipment_assignments', 'equipment_item_id'],
  person: ['event_staff_assignments', 'user_id'],
} as const;

interface Booking {
  id: string;
  per: string | null;
  status: string;
  date: {
    event: { id: string; title: string } | null;
    opportunity: { id: string; name: string } | null;
  };
}

/** What a thing is booked for on a day. */
function Names({ counted: { kind, thing_id, day } }: { counted: CountedDay }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [table, column] = TABLES[kind as keyof typeof TABLES];
  const { data, isPending } = useRecords<typeof table, Booking>(table, {
    select: `id,per,status,date:event_dates!${table}_event_date_id_fkey!inner(event:events!event_dates_event_id_fkey(id,title),opportunity:opportunities!event_dates_opportunity_id_fkey(id,name))`,
    filters: [
      [column, 'eq', thing_id],
      ['status', 'in', ['hold', 'reserved', 'checked_out', 'returned', 'invited', 'accepted', 'confirmed']],
      // A day more on both sides, since `per` is in UTC.
      ['per', 'ov', `[${shiftDays(day, -1)},${shiftDays(day, 2)})`],
    ],
    limit: 50,
  });
  if (isPending) return <Lines count={2} />;
  const shown = (data ?? []).flatMap((booking) => {
    const span = booking.per === null ? null : readRange(booking.per);
    return span && isOn(span, day, format.timezone) ? [{ ...booking, span }] : [];
  });
  return (
    <Stack gap={0}>
      <Text size="sm" fw={600} px="md" pt="sm">
        {format.day(day)}
      </Text>
      {shown.map(({ id, span, status, date: { event, opportunity } }) => (
        <RowLink
          key={id}
          to={event ? `/events/${event.id}` : `/opportunities/${opportunity?.id}`}
          title={event?.title ?? opportunity?.name ?? ''}
          text={`${t(`option.${status}`, status)} · ${format.moment(span.starts)} – ${format.moment(span.ends)}`}
          wraps
        />
      ))}
    </Stack>
  );
}

/** What ends before six in the morning belongs to the day before, as in `booking_counts`. */
function isOn({ starts, ends }: { starts: string; ends: string }, day: string, timeZone: string): boolean {
  const on = (at: number) => new Intl.DateTimeFormat('sv-SE', { timeZone }).format(at);
  const begins = on(Date.parse(starts));
  return begins === day || (begins < day && on(Date.parse(ends) - 6 * 3_600_000) >= day);
}
