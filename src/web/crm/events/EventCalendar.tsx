import '@fullcalendar/react/skeleton.css';
import '@fullcalendar/react/themes/classic/theme.css';
import '@fullcalendar/react/themes/classic/palette.css';
import FullCalendar, { type EventDropInfo, type EventInput } from '@fullcalendar/react';
import dayGrid from '@fullcalendar/react/daygrid';
import interaction from '@fullcalendar/react/interaction';
import german from '@fullcalendar/react/locales/de';
import classicTheme from '@fullcalendar/react/themes/classic';
import timeGrid from '@fullcalendar/react/timegrid';
import { Paper } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { shiftDays, useFormat } from '../../hooks/format';
import { useRecords } from '../../hooks/records';
import { useMay } from '../../hooks/roles';
import { useScreenSearch } from '../../hooks/screen-search';
import { clockIn } from '../../hooks/zones';
import { Failed } from '../../ui/Panel';
import classes from './EventCalendar.module.css';
import { type Move, MoveDate } from './MoveDate';

const MINUTE_MS = 60_000;
const VIEW_NAMES = { month: 'dayGridMonth', week: 'timeGridWeek', day: 'timeGridDay' } as const;

interface CalendarDate {
  id: string;
  event_date: string;
  start_time: string;
  end_time: string;
  setup_time: string | null;
  event: { id: string; title: string; status: string; category: { color: string | null } | null } | null;
}

/** Calendar of event dates. Dragging a date previews the consequences before it is moved. */
export default function EventCalendar({ as }: { as: keyof typeof VIEW_NAMES }) {
  const { i18n } = useTranslation();
  const navigate = useNavigate();
  const may = useMay();
  const format = useFormat();
  const search = useScreenSearch();
  const [range, setRange] = useState({
    from: shiftDays(search.day ?? format.today, -40),
    to: shiftDays(search.day ?? format.today, 45),
  });
  const [move, setMove] = useState<Move | null>(null);
  const { data, error, refetch } = useRecords<'event_dates', CalendarDate>(
    'event_dates',
    {
      select:
        'id,event_date,start_time,end_time,setup_time,event:events!event_dates_event_id_fkey!inner(id,title,status,category:event_categories!events_event_category_id_fkey(color))',
      filters: [
        ['event_date', 'gte', range.from],
        ['event_date', 'lte', range.to],
        ['status', 'neq', 'cancelled'],
        ['event.status', 'neq', 'cancelled'],
      ],
    },
    { live: true },
  );
  const shown = useMemo(() => (data ?? []).flatMap(entryOf), [data]);
  const dayShown = search.day ?? format.today;
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  return (
    <Paper className={classes.calendar} data-as={as}>
      <FullCalendar
        key={as}
        plugins={[dayGrid, timeGrid, interaction, classicTheme]}
        initialView={VIEW_NAMES[as]}
        initialDate={search.day ?? format.today}
        headerToolbar={{ start: 'title', center: '', end: 'today prev next' }}
        locales={[german]}
        locale={i18n.language}
        // Full height: the calendar has no scroll container of its own.
        height="auto"
        slotDuration="01:00:00"
        snapDuration="00:15:00"
        allDaySlot={false}
        eventTimeFormat={{ hour: 'numeric', minute: '2-digit', meridiem: 'short' }}
        dayMaxEvents={4}
        firstDay={i18n.language === 'en' ? 0 : 1}
        nowIndicator
        slotEventOverlap={false}
        eventTitleClass={classes.title ?? ''}
        now={clockIn(format.timezone)}
        editable={may('operations')}
        eventDurationEditable={false}
        events={shown}
        datesSet={({ startStr, endStr }) => {
          setRange((before) => {
            const next = { from: startStr.slice(0, 10), to: endStr.slice(0, 10) };
            return before.from === next.from && before.to === next.to ? before : next;
          });
          // Stored in the URL, so that the position survives a reload or going back.
          const day = shiftDays(startStr.slice(0, 10), as === 'month' ? 7 : 0);
          if (startStr.slice(0, 10) <= dayShown && dayShown < endStr.slice(0, 10)) return;
          void navigate({ to: '.', search: { ...search, day }, replace: true });
        }}
        eventClick={({ event }) => void navigate({ to: `/events/${event.extendedProps.eventId}` as '/' })}
        eventDrop={(info) => setMove(moveOf(info, data ?? []))}
      />
      {move && <MoveDate move={move} onClose={() => setMove(null)} />}
    </Paper>
  );
}

function entryOf({ id, event_date, start_time, end_time, event }: CalendarDate): EventInput[] {
  if (!event) return [];
  // An end time that is not later than the start is on the next day.
  const lastDay = end_time <= start_time ? shiftDays(event_date, 1) : event_date;
  return [
    {
      id,
      title: event.title,
      start: `${event_date}T${start_time}`,
      end: `${lastDay}T${end_time}`,
      color: event.category?.color ?? '#4b3fb5',
      extendedProps: { eventId: event.id },
    },
  ];
}

function moveOf(info: EventDropInfo, dates: readonly CalendarDate[]): Move | null {
  const date = dates.find(({ id }) => id === info.event.id);
  if (!date?.event || !info.event.startStr) return null;
  const { event_date, start_time, end_time, setup_time } = date;
  const begins = info.event.startStr;
  const later =
    (Date.parse(`2000-01-01T${timeOf(begins)}Z`) - Date.parse(`2000-01-01T${start_time}Z`)) / MINUTE_MS;
  return {
    dateId: date.id,
    title: date.event.title,
    from: { event_date, start_time, end_time, setup_time },
    to: {
      event_date: begins.slice(0, 10),
      start_time: shiftTime(start_time, later),
      end_time: shiftTime(end_time, later),
      setup_time: setup_time && shiftTime(setup_time, later),
    },
    takeBack: info.revert,
  };
}

function timeOf(moment: string): string {
  return moment.slice(11, 19);
}

/** Adds minutes to a time of day, wrapping at midnight. */
function shiftTime(time: string, minutes: number): string {
  return new Date(Date.parse(`2000-01-01T${time}Z`) + minutes * MINUTE_MS).toISOString().slice(11, 19);
}
