import '@fullcalendar/react/skeleton.css';
import '@fullcalendar/react/themes/classic/theme.css';
import '@fullcalendar/react/themes/classic/palette.css';
import FullCalendar from '@fullcalendar/react';
import dayGrid from '@fullcalendar/react/daygrid';
import interaction from '@fullcalendar/react/interaction';
import german from '@fullcalendar/react/locales/de';
import classicTheme from '@fullcalendar/react/themes/classic';
import timeGrid from '@fullcalendar/react/timegrid';
import { Paper } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSettings } from '../../hooks/company/settings';
import { clockIn } from '../../hooks/dates/zones';
import { shiftDays, useFormat } from '../../hooks/format';
import { useScreenSearch } from '../../hooks/page/screen-search';
import { useRecords } from '../../hooks/records/records';
import { useMay } from '../../hooks/session/roles';
import { Failed } from '../../ui/Panel';
import { CalendarBar } from './CalendarBar';
import {
  type CalendarDate,
  DATELESS,
  DATES,
  type DatelessEvent,
  datelessEntries,
  entriesOf,
  type Look,
} from './calendar-entries';
import classes from './EventCalendar.module.css';
import { type Move, MoveDate } from './MoveDate';
import { movedTo } from './moved-to';

const VIEW_NAMES = { month: 'dayGridMonth', week: 'timeGridWeek', day: 'timeGridDay' } as const;

interface Properties {
  as: keyof typeof VIEW_NAMES;
  /** Adds an event. @param at `YYYY-MM-DD`, or with a time where one was clicked: `YYYY-MM-DDTHH:MM:SS` */
  onAdd?: ((at: string) => void) | undefined;
}

/** Calendar of event dates. Dragging a date previews the consequences before it is moved; a click on a day adds an event. */
export default function EventCalendar({ as, onAdd }: Properties) {
  const { t, i18n } = useTranslation();
  const navigate = useNavigate();
  const may = useMay();
  const format = useFormat();
  const { settings } = useSettings();
  const search = useScreenSearch();
  const dayShown = search.day ?? format.today;
  // The days that are shown; the calendar reports them once it is drawn.
  const [shownDays, setShownDays] = useState<{ from: string; to: string }>();
  const range = shownDays ?? { from: dayShown, to: dayShown };
  const [move, setMove] = useState<Move | null>(null);
  const { data, error, refetch } = useRecords<'event_dates', CalendarDate>(
    'event_dates',
    {
      select: DATES,
      filters: [
        // A day earlier, since a date may end after midnight.
        ['event_date', 'gte', shiftDays(range.from, -1)],
        ['event_date', 'lte', range.to],
        ['status', 'neq', 'cancelled'],
      ],
    },
    { live: true, enabled: shownDays !== undefined },
  );
  const dateless = useRecords<'events', DatelessEvent>(
    'events',
    {
      select: DATELESS,
      filters: [
        ['dates', 'is', null],
        ['start_date', 'lte', range.to],
        ['end_date', 'gte', range.from],
        ['status', 'neq', 'cancelled'],
        ['deleted_at', 'is', null],
      ],
    },
    { enabled: shownDays !== undefined },
  ).data;
  const filter = useMemo(() => ({ booth: search.f?.booth ?? null, person: search.person ?? null }), [search]);
  const shown = useMemo(
    () => [...entriesOf(data ?? [], filter, as), ...datelessEntries(dateless ?? [], filter)],
    [data, dateless, filter, as],
  );
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  return (
    <Paper className={classes.calendar} data-as={as} data-adds={onAdd !== undefined || undefined}>
      <CalendarBar
        filter={filter}
        onChange={({ booth, person }) => {
          const { person: _, f: __, ...others } = search;
          void navigate({
            to: '.',
            search: { ...others, ...(booth ? { f: { booth } } : {}), ...(person ? { person } : {}) },
            replace: true,
          });
        }}
      />
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
        allDayText={t('calendar.allDay')}
        // Until then, what ends after midnight belongs to the day before.
        nextDayThreshold="06:00:00"
        eventDisplay="block"
        eventClass={({ event }) => classes[event.extendedProps.look as Look]}
        eventTimeFormat={{ hour: 'numeric', minute: '2-digit', meridiem: 'short' }}
        dayMaxEvents={4}
        firstDay={i18n.language === 'en' && /^en-(US|CA)$/.test(settings.locale) ? 0 : 1}
        nowIndicator
        slotEventOverlap={false}
        eventTitleClass={classes.title ?? ''}
        now={clockIn(format.timezone)}
        editable={may('operations')}
        eventDurationEditable={false}
        events={shown}
        datesSet={({ startStr, endStr }) => {
          setShownDays((before) => {
            const next = { from: startStr.slice(0, 10), to: endStr.slice(0, 10) };
            return before?.from === next.from && before.to === next.to ? before : next;
          });
          // Stored in the URL, so that the position survives a reload or going back.
          const day = shiftDays(startStr.slice(0, 10), as === 'month' ? 7 : 0);
          if (startStr.slice(0, 10) <= dayShown && dayShown < endStr.slice(0, 10)) return;
          void navigate({ to: '.', search: { ...search, day }, replace: true });
        }}
        eventClick={({ event }) => void navigate({ to: event.extendedProps.path as '/' })}
        dateClick={({ dateStr }) => onAdd?.(dateStr)}
        eventDrop={({ event: { id, startStr }, revert }) => {
          const date = data?.find((one) => one.id === id);
          if (!date?.event || !startStr) return;
          const { event_date, start_time, end_time, setup_time } = date;
          const from = { event_date, start_time, end_time, setup_time };
          setMove({
            dateId: id,
            title: date.event.title,
            from,
            to: movedTo(startStr, from),
            takeBack: revert,
          });
        }}
      />
      {move && <MoveDate move={move} onClose={() => setMove(null)} />}
    </Paper>
  );
}
