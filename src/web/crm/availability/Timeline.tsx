import { Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { CalendarRange, TreePalm } from 'lucide-react';
import { type CSSProperties, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { usePeople } from '../../hooks/company/people';
import { daysBetween, shiftDays, useFormat } from '../../hooks/format';
import { useAnswer } from '../../hooks/records/functions';
import { useRecords } from '../../hooks/records/records';
import { ButtonTo } from '../../ui/LinkTo';
import { EmptyState, Failed, Lines, Panel } from '../../ui/Panel';
import { colorOf } from '../../ui/theme';
import { CountedDays, useCountedDays } from './CountedDays';
import { layBars, type PlacedBar, wholeDays } from './lay-bars';
import classes from './Timeline.module.css';
import { type Buffers, useBookings } from './use-bookings';

/** Maximum number of days for which names are shown; of longer times, numbers. */
const DAYS_WITH_NAMES = 14;
/** Maximum number of days for which hours are shown. */
const DAYS_WITH_HOURS = 7;

const BUFFERS = 'buffer_before_minutes,buffer_after_minutes';

interface Group {
  key: string;
  rows: { id: string; name: string; note: string }[];
}

interface Booth {
  id: string;
  name: string;
  type: ({ name: string } & Buffers) | null;
}

interface Equipment {
  id: string;
  name: string;
  asset_tag: string;
  type: Buffers | null;
}

/** Gantt-style timeline of booths, equipment and people: one bar per booking, from set-up to the end of teardown. */
export function Timeline({ first, days }: { first: string; days: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { people } = usePeople();
  const isCounted = days > DAYS_WITH_NAMES;
  const booths = useRecords<'booths', Booth>('booths', {
    select: `id,name,type:booth_types!booths_booth_type_id_fkey(name,${BUFFERS})`,
    filters: [['status', 'neq', 'retired']],
    order: [['name', 'asc']],
  });
  const equipment = useRecords<'equipment_items', Equipment>('equipment_items', {
    select: `id,name,asset_tag,type:equipment_types!equipment_items_equipment_type_id_fkey(${BUFFERS})`,
    filters: [
      ['status', 'eq', 'available'],
      ['booth_id', 'is', null],
    ],
    order: [['asset_tag', 'asc']],
    limit: 60,
  });
  const buffers = [...(booths.data ?? []), ...(equipment.data ?? [])].flatMap(({ type }) => type ?? []);
  const named = useBookings(first, days, !isCounted, buffers);
  const counted = useCountedDays(first, days, isCounted);
  const { bars } = named;
  const { error, isPending, refetch } = isCounted ? counted : named;
  const { data: away } = useAnswer('time_off', { from_day: first, to_day: shiftDays(first, days - 1) });
  const groups: Group[] = [
    {
      key: 'booths',
      rows: (booths.data ?? []).map(({ id, name, type }) => ({ id, name, note: type?.name ?? '' })),
    },
    {
      key: 'crew',
      rows: people
        .filter(
          ({ role, status, id }) =>
            status === 'active' &&
            (role === 'staff' ||
              bars.has(id) ||
              counted.byThing.has(id) ||
              away?.some(({ user_id }) => user_id === id)),
        )
        .map(({ id, displayName }) => ({ id, name: displayName, note: '' })),
    },
    {
      key: 'equipment',
      rows: (equipment.data ?? []).map(({ id, name, asset_tag }) => ({ id, name, note: asset_tag })),
    },
  ];
  const dates = useMemo(
    () => Array.from({ length: days }, (_, index) => shiftDays(first, index)),
    [first, days],
  );
  if (error) return <Failed error={error} retry={refetch} />;
  if (isPending || booths.isPending) {
    return (
      <Panel>
        <Lines count={10} />
      </Panel>
    );
  }
  if (booths.data?.length === 0) {
    return (
      <EmptyState
        icon={CalendarRange}
        title={t('availability.noBooths')}
        text={t('availability.noBoothsText')}
        action={<ButtonTo to="/inventory/booths">{t('availability.toBooths')}</ButtonTo>}
      />
    );
  }
  const style = { '--days': days } as CSSProperties;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scroll container must be reachable by keyboard
    <section className={classes.frame} style={style} tabIndex={0} aria-label={t('nav.availability')}>
      <div className={classes.head}>
        <div className={classes.corner} />
        {dates.map((date) => (
          <Day key={date} date={date} today={date === format.today} />
        ))}
      </div>
      {groups
        .filter(({ rows }) => rows.length > 0)
        .map(({ key, rows }) => (
          <div key={key} className={classes.group}>
            <div className={classes.heading}>
              <span>{t(`availability.rows.${key}`)}</span>
            </div>
            {rows.map((row) => {
              const own = bars.get(row.id) ?? [];
              const { placed, lanes } = layBars(days > DAYS_WITH_HOURS ? wholeDays(own) : own);
              return (
                <div
                  key={row.id}
                  className={classes.row}
                  style={{ '--lanes': Math.max(1, lanes) } as CSSProperties}
                >
                  <div className={classes.name}>
                    <Text size="sm" fw={550} truncate>
                      {row.name}
                    </Text>
                    {row.note && (
                      <Text size="xs" c="dimmed" truncate>
                        {row.note}
                      </Text>
                    )}
                  </div>
                  <div className={classes.track}>
                    {away
                      ?.filter(({ user_id }) => user_id === row.id)
                      .map((off) => (
                        <Away key={off.id} off={off} first={first} days={days} />
                      ))}
                    {isCounted ? (
                      <CountedDays days={counted.byThing.get(row.id) ?? []} first={first} count={days} />
                    ) : (
                      placed.map((bar) => <Bar key={bar.id} bar={bar} days={days} />)
                    )}
                  </div>
                </div>
              );
            })}
          </div>
        ))}
    </section>
  );
}

function Day({ date, today }: { date: string; today: boolean }) {
  const format = useFormat();
  const day = new Date(`${date}T12:00:00Z`);
  const weekend = day.getUTCDay() % 6 === 0;
  const name = new Intl.DateTimeFormat(format.language, { weekday: 'short', timeZone: 'UTC' }).format(day);
  return (
    <div className={classes.day} data-weekend={weekend || undefined} data-today={today || undefined}>
      <span>{name}</span>
      <b>{day.getUTCDate()}</b>
    </div>
  );
}

interface TimeOff {
  first_day: string;
  last_day: string;
  reason: string;
}

/** Time off, drawn behind a person's bookings. */
function Away({ off, first, days }: { off: TimeOff; first: string; days: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const from = Math.max(0, daysBetween(first, off.first_day));
  const to = Math.min(days, daysBetween(first, off.last_day) + 1);
  const words = [
    t('crew.away'),
    off.reason && t(`option.${off.reason}`),
    format.days(off.first_day, off.last_day),
  ]
    .filter(Boolean)
    .join(', ');
  return (
    <Link
      to={'/crew' as '/'}
      search={{ tab: 'timeOff' } as never}
      className={classes.away}
      style={{ left: `${(100 * from) / days}%`, width: `${(100 * (to - from)) / days}%` }}
      title={words}
      aria-label={words}
    >
      <TreePalm size={14} aria-hidden /> {t('crew.away')}
    </Link>
  );
}

function Bar({ bar, days }: { bar: PlacedBar; days: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const left = Math.max(0, bar.from);
  const right = Math.min(days, bar.to);
  if (right <= 0 || left >= days) return null;
  const words = [
    bar.title,
    bar.overbooked ? t('overbooked.badge') : undefined,
    t(`option.${bar.status}`, bar.status),
    `${format.moment(bar.starts)} – ${format.moment(bar.ends)}`,
  ]
    .filter(Boolean)
    .join(', ');
  const style = {
    left: `${(100 * left) / days}%`,
    width: `calc(${(100 * (right - left)) / days}% - 3px)`,
    '--lane': bar.lane,
    '--tone': `var(--mantine-color-${colorOf(bar.status)}-light)`,
    '--ink': `var(--mantine-color-${colorOf(bar.status)}-light-color)`,
  } as CSSProperties;
  return (
    <Link
      to={(bar.eventId ? `/events/${bar.eventId}` : '/pipeline') as '/'}
      className={classes.bar}
      style={style}
      title={words}
      aria-label={words}
      data-hold={bar.status === 'hold' || undefined}
      data-overbooked={bar.overbooked || undefined}
    >
      {bar.title}
    </Link>
  );
}
