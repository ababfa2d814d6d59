import { useTranslation } from 'react-i18next';
import { useFormat } from '../../hooks/format';
import { useRecords } from '../../hooks/records';
import { LinkTo } from '../../ui/LinkTo';
import { Failed, Lines, Panel } from '../../ui/Panel';
import { StatusBadge } from '../../ui/StatusBadge';
import today from '../today/Today.module.css';

interface Whereabouts {
  id: string;
  name: string;
  status: string;
  type: { name: string } | null;
  location: { name: string } | null;
  assignments: {
    status: string;
    event: { id: string; title: string } | null;
    date: { event_date: string } | null;
  }[];
}

/** Every booth's location (event, maintenance or warehouse) and its next booking. */
export function WhereThingsAre() {
  const { t } = useTranslation();
  const format = useFormat();
  const { data, error, isPending, refetch } = useRecords<'booths', Whereabouts>(
    'booths',
    {
      select:
        'id,name,status,type:booth_types!booths_booth_type_id_fkey(name),location:locations!booths_location_id_fkey(name),assignments:booth_assignments!booth_assignments_booth_id_fkey(status,event:events!booth_assignments_event_id_fkey(id,title),date:event_dates!booth_assignments_event_date_id_fkey(event_date))',
      filters: [
        ['status', 'neq', 'retired'],
        ['assignments.status', 'in', ['reserved', 'checked_out']],
      ],
      order: [['name', 'asc']],
      limit: 200,
    },
    { live: true },
  );
  return (
    <Panel title={t('inventory.where.title')} flush>
      {error ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : isPending ? (
        <Lines />
      ) : (
        data.map((booth) => {
          const planned = booth.assignments
            .filter(
              ({ status, date }) => status === 'checked_out' || (date?.event_date ?? '') >= format.today,
            )
            .sort((a, b) => (a.date?.event_date ?? '').localeCompare(b.date?.event_date ?? ''));
          const out = planned.find(({ status }) => status === 'checked_out');
          const shown = out ?? planned[0];
          return (
            <div key={booth.id} className={today.row}>
              <span className={today.text}>
                <LinkTo to={`/inventory/booths/${booth.id}`} className={today.title} c="inherit">
                  {booth.name}
                </LinkTo>
                <span className={today.sub}>
                  {out
                    ? out.event?.title
                    : shown
                      ? t('inventory.where.next', {
                          date: format.day(shown.date?.event_date),
                          event: shown.event?.title,
                        })
                      : booth.type?.name}
                </span>
              </span>
              <span className={today.aside}>
                <StatusBadge value={out ? 'checked_out' : booth.status} />
                <span className={today.sub}>
                  {out
                    ? format.day(out.date?.event_date)
                    : (booth.location?.name ?? t('inventory.where.warehouse'))}
                </span>
              </span>
            </div>
          );
        })
      )}
    </Panel>
  );
}
