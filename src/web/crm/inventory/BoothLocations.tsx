import { useTranslation } from 'react-i18next';
import { useFormat } from '../../hooks/format';
import { useRecords } from '../../hooks/records/records';
import { LinkTo } from '../../ui/LinkTo';
import { Failed, Lines, Panel } from '../../ui/Panel';
import { StatusBadge } from '../../ui/StatusBadge';
import today from '../today/Today.module.css';
import { notOver } from './handover';

interface Whereabouts {
  id: string;
  name: string;
  status: string;
  type: { name: string } | null;
  location: { name: string } | null;
  out: Booking[];
  planned: Booking[];
}

interface Booking {
  event: { id: string; title: string } | null;
  date: { event_date: string } | null;
}

const BOOKING =
  'booth_assignments!booth_assignments_booth_id_fkey(event:events!booth_assignments_event_id_fkey(id,title),date:event_dates!booth_assignments_event_date_id_fkey(event_date))';

function byDate(a: Booking, b: Booking): number {
  return (a.date?.event_date ?? '').localeCompare(b.date?.event_date ?? '');
}

/** Every booth's location (event, maintenance or warehouse) and its next booking. */
export function BoothLocations() {
  const { t } = useTranslation();
  const format = useFormat();
  const { data, error, isPending, refetch } = useRecords<'booths', Whereabouts>(
    'booths',
    {
      select: `id,name,status,type:booth_types!booths_booth_type_id_fkey(name),location:locations!booths_location_id_fkey(name),out:${BOOKING},planned:${BOOKING}`,
      filters: [
        ['status', 'neq', 'retired'],
        ['out.status', 'eq', 'checked_out'],
        ['planned.status', 'eq', 'reserved'],
        ['planned.per', 'ov', notOver(format.today)],
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
          // One that went on to its next event without a check-in between is there.
          const out = [...booth.out].sort(byDate).at(-1);
          const [next] = booth.planned
            .filter(({ date }) => (date?.event_date ?? '') >= format.today)
            .sort(byDate);
          return (
            <div key={booth.id} className={today.row}>
              <span className={today.text}>
                <LinkTo to={`/inventory/booths/${booth.id}`} className={today.title} c="inherit">
                  {booth.name}
                </LinkTo>
                <span className={today.sub}>
                  {out
                    ? out.event?.title
                    : next
                      ? t('inventory.where.next', {
                          date: format.day(next.date?.event_date),
                          event: next.event?.title,
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
