import { Text } from '@mantine/core';
import { CalendarDays } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { shiftDays, useFormat } from '../../hooks/format';
import { useRecords } from '../../hooks/records/records';
import { LinkTo } from '../../ui/LinkTo';
import { EmptyState, Failed, Lines, Panel } from '../../ui/Panel';
import { StatusBadge } from '../../ui/StatusBadge';
import { RowLink } from './RowLink';
import classes from './Today.module.css';

const DAYS = 10;
/** At most this many events are listed; the calendar shows all. */
const SHOWN = 40;

interface ComingDate {
  id: string;
  event_date: string;
  start_time: string;
  end_time: string;
  event: { id: string; title: string; status: string; guest_count: number | null } | null;
  location: { name: string } | null;
  booths: { booth: { name: string } | null }[];
}

/** Events of the next ten days. */
export function NextDays() {
  const { t } = useTranslation();
  const format = useFormat();
  const { data, error, isPending, refetch } = useRecords<'event_dates', ComingDate>(
    'event_dates',
    {
      select:
        'id,event_date,start_time,end_time,event:events!event_dates_event_id_fkey!inner(id,title,status,guest_count),location:locations!event_dates_location_id_fkey(name),booths:booth_assignments(booth:booths(name))',
      filters: [
        ['event_date', 'gte', format.today],
        ['event_date', 'lte', shiftDays(format.today, DAYS)],
        ['status', 'neq', 'cancelled'],
        ['event.status', 'in', ['tentative', 'confirmed', 'in_progress']],
        ['booths.status', 'in', ['reserved', 'checked_out', 'returned']],
      ],
      order: [
        ['event_date', 'asc'],
        ['start_time', 'asc'],
      ],
      limit: SHOWN + 1,
    },
    { live: true },
  );
  const days = Object.entries(Object.groupBy(data?.slice(0, SHOWN) ?? [], (date) => date.event_date));
  return (
    <Panel
      title={t('today.days.title')}
      flush
      aside={
        <LinkTo to="/events" search={{ as: 'month' }} size="sm">
          {t('today.days.calendar')}
        </LinkTo>
      }
    >
      {error ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : isPending ? (
        <Lines />
      ) : days.length === 0 ? (
        <EmptyState icon={CalendarDays} title={t('today.days.none')} small />
      ) : (
        days.map(([day, dates]) => (
          <div key={day} className={classes.day}>
            <div className={classes.date}>{format.day(day)}</div>
            <div>
              {dates?.map(({ id, event, start_time, location, booths }) => {
                const places = [location?.name, ...booths.map(({ booth }) => booth?.name)].filter(Boolean);
                return (
                  event && (
                    <RowLink
                      key={id}
                      to={`/events/${event.id}`}
                      lead={<span className={classes.clock}>{format.clock(start_time)}</span>}
                      title={event.title}
                      text={
                        places.join(' · ') || (
                          <Text span inherit>
                            {t('today.days.noBooth')}
                          </Text>
                        )
                      }
                      aside={<StatusBadge value={event.status} />}
                    />
                  )
                );
              })}
            </div>
          </div>
        ))
      )}
      {(data?.length ?? 0) > SHOWN && (
        <Text size="sm" px={18} py="sm">
          <LinkTo to="/events" search={{ as: 'week' }} inherit>
            {t('today.days.more')}
          </LinkTo>
        </Text>
      )}
    </Panel>
  );
}
