import { useTranslation } from 'react-i18next';
import { shiftDays, useFormat } from '../../hooks/format';
import { useRecords } from '../../hooks/records/records';
import { Panel } from '../../ui/Panel';
import { RowLink } from '../today/RowLink';
import { type Booked, isActive } from './booked';

/** Days before its end from which a hold is shown. */
const DAYS = 3;

interface Hold extends Booked {
  date: {
    event_date: string;
    opportunity: { id: string; name: string } | null;
    event: { id: string; title: string } | null;
  };
}

/** Holds that expire soon: the client has to decide, or the hold has to be extended. Nothing where there are none. */
export function ExpiringHolds() {
  const { t } = useTranslation();
  const format = useFormat();
  const { data } = useRecords<'booth_assignments', Hold>(
    'booth_assignments',
    {
      select:
        'id,status,hold_expires_at,created_by,overbooked,booth:booths!booth_assignments_booth_id_fkey(name),date:event_dates!booth_assignments_event_date_id_fkey(event_date,opportunity:opportunities!event_dates_opportunity_id_fkey(id,name),event:events!event_dates_event_id_fkey(id,title))',
      filters: [
        ['status', 'eq', 'hold'],
        ['hold_expires_at', 'lt', shiftDays(format.today, DAYS)],
      ],
      order: [['hold_expires_at', 'asc']],
      limit: 10,
    },
    { live: true },
  );
  const soon = (data ?? []).filter(isActive);
  if (soon.length === 0) return null;
  return (
    <Panel title={t('holds.expiring')} flush>
      {soon.map(({ id, booth, hold_expires_at, date: { event, opportunity, event_date } }) => (
        <RowLink
          key={id}
          to={event ? `/events/${event.id}` : `/opportunities/${opportunity?.id}`}
          title={event?.title ?? opportunity?.name ?? ''}
          text={[
            booth?.name,
            format.date(event_date),
            t('holds.until', { moment: format.moment(hold_expires_at) }),
          ]
            .filter(Boolean)
            .join(' · ')}
          wraps
        />
      ))}
    </Panel>
  );
}
