import { Button, Group } from '@mantine/core';
import { CalendarCheck } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { shiftDays, useFormat } from '../../hooks/format';
import { useSaveRecord } from '../../hooks/records/changes';
import { useRecords } from '../../hooks/records/records';
import { useSignedIn } from '../../hooks/session/session';
import { ButtonTo, LinkTo } from '../../ui/LinkTo';
import { EmptyState, Failed, Lines, Panel } from '../../ui/Panel';
import { StatusBadge } from '../../ui/StatusBadge';
import { readRange } from '../availability/range';
import today from '../today/Today.module.css';
import { SHIFT, type Shift } from './Rota';

const SOON_DAYS = 14;

/** The user's upcoming shifts. Invitations are answered here. */
export function MySchedule() {
  const { t } = useTranslation();
  const format = useFormat();
  const { user } = useSignedIn();
  const save = useSaveRecord('event_staff_assignments');
  const {
    data: shifts,
    error,
    isPending,
    refetch,
  } = useRecords<'event_staff_assignments', Shift & { per: string | null }>('event_staff_assignments', {
    select: `${SHIFT},per`,
    filters: [
      ['user_id', 'eq', user.id],
      ['date.event_date', 'gte', shiftDays(format.today, -1)],
      ['status', 'in', ['invited', 'accepted', 'confirmed', 'declined']],
    ],
    order: [['date(event_date)', 'asc']],
    limit: 60,
  });
  // A shift of yesterday may last until after midnight.
  const data = shifts?.filter(
    ({ date, per }) =>
      (date?.event_date ?? '') >= format.today || Date.parse(readRange(per ?? '')?.ends ?? '') > Date.now(),
  );
  const soon = (data ?? [])
    .filter(
      ({ date, status }) =>
        status !== 'declined' && (date?.event_date ?? '') <= shiftDays(format.today, SOON_DAYS),
    )
    .flatMap(({ event }) => event?.id ?? [])
    .join();
  // Prefetch the briefs of the coming days, so that they open offline.
  useEffect(() => {
    if (soon)
      void import('../brief/use-brief').then(({ keepBriefs }) => keepBriefs(user.id, soon.split(',')));
  }, [soon, user.id]);
  return (
    <Panel
      title={t('crew.mine')}
      flush
      aside={
        <LinkTo to="/brief" size="sm">
          {t('brief.all')}
        </LinkTo>
      }
    >
      {error ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : isPending ? (
        <Lines />
      ) : data?.length === 0 ? (
        <EmptyState icon={CalendarCheck} title={t('crew.noShifts')} small />
      ) : (
        data?.map(({ id, status, event, date, role, arrival_time }) => (
          <div key={id} className={today.row}>
            <span className={today.text}>
              <LinkTo to={`/events/${event?.id}`} className={today.title}>
                {event?.title}
              </LinkTo>
              <span className={today.sub}>
                {format.day(date?.event_date)} ·{' '}
                {format.clock(arrival_time ?? date?.setup_time ?? date?.start_time)} –{' '}
                {format.clock(date?.end_time)} · {role?.name}
              </span>
            </span>
            {status === 'invited' ? (
              <Group gap={6} wrap="nowrap">
                <Button size="xs" onClick={() => save.mutate({ id, changes: { status: 'accepted' } })}>
                  {t('crew.accept')}
                </Button>
                <Button
                  size="xs"
                  variant="default"
                  onClick={() => save.mutate({ id, changes: { status: 'declined' } })}
                >
                  {t('crew.decline')}
                </Button>
              </Group>
            ) : (
              <Group gap={8} wrap="nowrap">
                <StatusBadge value={status} />
                <ButtonTo to={`/brief/${event?.id}`} size="xs" variant="light">
                  {t('brief.open')}
                </ButtonTo>
              </Group>
            )}
          </div>
        ))
      )}
    </Panel>
  );
}
