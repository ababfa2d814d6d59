import { UsersRound } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { usePeople } from '../../hooks/company/people';
import { shiftDays, useFormat } from '../../hooks/format';
import { useRecords } from '../../hooks/records/records';
import { EmptyState, Lines, Panel } from '../../ui/Panel';
import { StatusBadge } from '../../ui/StatusBadge';
import { RowLink } from './RowLink';

interface Waiting {
  id: string;
  user_id: string;
  status: string;
  date: { event_date: string } | null;
  event: { id: string; title: string } | null;
}

/** Unconfirmed crew of the next three weeks. */
export function CrewToConfirm() {
  const { t } = useTranslation();
  const format = useFormat();
  const { nameOf } = usePeople();
  const { data, isPending } = useRecords<'event_staff_assignments', Waiting>('event_staff_assignments', {
    select:
      'id,user_id,status,date:event_dates!event_staff_assignments_event_date_id_fkey!inner(event_date),event:events!event_staff_assignments_event_id_fkey(id,title)',
    filters: [
      ['status', 'in', ['invited', 'declined', 'accepted']],
      ['date.event_date', 'gte', format.today],
      ['date.event_date', 'lte', shiftDays(format.today, 21)],
    ],
    order: [['date(event_date)', 'asc']],
    limit: 6,
  });
  return (
    <Panel title={t('today.crew.title')} flush>
      {isPending ? (
        <Lines count={3} />
      ) : data?.length === 0 ? (
        <EmptyState icon={UsersRound} title={t('today.crew.none')} small />
      ) : (
        data?.map(
          ({ id, user_id, status, date, event }) =>
            event && (
              <RowLink
                key={id}
                to={`/events/${event.id}`}
                search={{ tab: 'crew' }}
                title={nameOf(user_id)}
                text={`${format.day(date?.event_date)} · ${event.title}`}
                aside={<StatusBadge value={status} />}
              />
            ),
        )
      )}
    </Panel>
  );
}
