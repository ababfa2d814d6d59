import { Text } from '@mantine/core';
import { TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { usePeople } from '../../hooks/company/people';
import { dateIn, useFormat } from '../../hooks/format';
import { useAnswer } from '../../hooks/records/functions';
import { ButtonTo } from '../../ui/LinkTo';
import { Panel } from '../../ui/Panel';
import { RowLink } from '../today/RowLink';
import classes from './Overbookings.module.css';
import { readRange } from './range';

interface Properties {
  /** First and last date, `YYYY-MM-DD`. By default from today, with no end. */
  from?: string;
  to?: string;
  /** Limits the list to one event. */
  eventId?: string;
}

/** Tab of the event page on which an overbooking can be resolved. */
const TABS: Record<string, string> = { booth: 'booths', equipment: 'booths', person: 'crew' };

/** Rows shown at most: who resolves these sees the next ones. */
const SHOWN = 20;

/** Overbookings that the tenant's overlap policy `warn` has allowed. Renders nothing if there are none. */
export function Overbookings({ from, to, eventId }: Properties) {
  const { t } = useTranslation();
  const format = useFormat();
  const { nameOf } = usePeople();
  const { data } = useAnswer('overbookings', {
    ...(from ? { from_day: from } : {}),
    ...(to ? { to_day: to } : {}),
  });
  const twice = (data ?? []).filter(({ event_id }) => eventId === undefined || event_id === eventId);
  if (twice.length === 0) return null;
  return (
    <div className={classes.frame}>
      <Panel
        title={t('overbooked.title')}
        flush
        aside={<TriangleAlert size={18} color="var(--mantine-color-red-light-color)" aria-hidden />}
      >
        <Text size="sm" c="dimmed" px={18} pb={10}>
          {t('overbooked.text')}
        </Text>
        {twice.slice(0, SHOWN).map(({ kind, thing_id, name, assignment_id, event_id, title, per }) => {
          const span = readRange(per);
          const day = span && dateIn(format.timezone, new Date(span.starts));
          return (
            <div key={assignment_id} className={classes.row}>
              <RowLink
                to={event_id ? `/events/${event_id}` : '/pipeline'}
                {...(event_id ? { search: { tab: TABS[kind] ?? 'booths' } } : {})}
                title={`${kind === 'person' ? nameOf(thing_id) : name} · ${title}`}
                text={[
                  span && `${format.moment(span.starts)} – ${format.moment(span.ends)}`,
                  t(`overbooked.whatToDo.${kind}`),
                ]
                  .filter(Boolean)
                  .join(' · ')}
                wraps
              />
              {day && (
                <ButtonTo to="/availability" search={{ day, as: 'week' }} size="compact-sm" variant="default">
                  {t('overbooked.look')}
                </ButtonTo>
              )}
            </div>
          );
        })}
        {twice.length > SHOWN && (
          <Text size="sm" c="dimmed" px={18} py="sm">
            {t('list.someOf', { shown: SHOWN, total: twice.length })}
          </Text>
        )}
      </Panel>
    </div>
  );
}
