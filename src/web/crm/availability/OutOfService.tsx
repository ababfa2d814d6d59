import { Text } from '@mantine/core';
import { Wrench } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../hooks/format';
import { useAnswer } from '../../hooks/records/functions';
import { Panel } from '../../ui/Panel';
import { StatusBadge } from '../../ui/StatusBadge';
import { RowLink } from '../today/RowLink';
import classes from './Overbookings.module.css';

/** Rows shown at most: who resolves these sees the next ones. */
const SHOWN = 20;

/**
 * Coming events for which a booth or a piece of equipment is booked that cannot go out: it is in maintenance, lost or retired.
 * Renders nothing if there are none.
 *
 * @param thing id of one booth or item; all when absent
 * @param eventId limits the list to one event
 */
export function OutOfService({ thing, eventId }: { thing?: string; eventId?: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data } = useAnswer('bookings_out_of_service', thing ? { thing } : {});
  const rows = (data ?? []).filter(({ event_id }) => eventId === undefined || event_id === eventId);
  if (rows.length === 0) return null;
  return (
    <div className={classes.frame}>
      <Panel
        title={t('outOfService.title')}
        flush
        aside={<Wrench size={18} color="var(--mantine-color-red-light-color)" aria-hidden />}
      >
        {rows.slice(0, SHOWN).map(({ assignment_id, name, status, event_id, title, event_date }) => (
          <RowLink
            key={assignment_id}
            to={event_id ? `/events/${event_id}` : '/pipeline'}
            {...(event_id ? { search: { tab: 'booths' } } : {})}
            title={thing ? title : `${name} · ${title}`}
            text={`${format.date(event_date)} · ${t('outOfService.whatToDo')}`}
            aside={<StatusBadge value={status} />}
            wraps
          />
        ))}
        {rows.length > SHOWN && (
          <Text size="sm" c="dimmed" px={18} py="sm">
            {t('list.someOf', { shown: SHOWN, total: rows.length })}
          </Text>
        )}
      </Panel>
    </div>
  );
}
