import { RingProgress, Text } from '@mantine/core';
import { CalendarDays, ShieldCheck } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { shiftDays, useFormat } from '../../hooks/format';
import { useAnswer } from '../../hooks/records/functions';
import { useRecords } from '../../hooks/records/records';
import { LinkTo } from '../../ui/LinkTo';
import { EmptyState, Failed, Lines, Panel } from '../../ui/Panel';
import { StatusBadge } from '../../ui/StatusBadge';
import { RowLink } from './RowLink';

const DAYS = 21;
const SHOWN = 6;

interface Coming {
  id: string;
  title: string;
  start_date: string;
  priority: string | null;
}

/** Upcoming events that are not ready, soonest first, each with its next step. */
export function AtRisk() {
  const { t } = useTranslation();
  const format = useFormat();
  const { data, error, isPending, refetch } = useAnswer('event_readiness', { days: DAYS, unready: SHOWN });
  const worrying = data ?? [];
  const coming = useRecords<'events', { id: string }>(
    'events',
    {
      select: 'id',
      filters: [
        ['start_date', 'gte', format.today],
        ['start_date', 'lte', shiftDays(format.today, DAYS)],
        ['status', 'in', ['tentative', 'confirmed', 'in_progress']],
        ['deleted_at', 'is', null],
      ],
      limit: 1,
    },
    { enabled: data?.length === 0 },
  );
  const events = useRecords<'events', Coming>(
    'events',
    {
      select: 'id,title,start_date,priority',
      filters: [['id', 'in', worrying.map(({ event_id }) => event_id)]],
    },
    { enabled: worrying.length > 0 },
  );
  const byId = new Map(events.data?.map((event) => [event.id, event]));
  return (
    <Panel
      title={t('today.risk.title')}
      flush
      aside={
        <Text size="sm" c="dimmed">
          {t('today.risk.days', { days: DAYS })}
        </Text>
      }
    >
      {error ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : isPending || (worrying.length > 0 ? events : coming).isPending ? (
        <Lines />
      ) : worrying.length === 0 && coming.data?.length === 0 ? (
        <EmptyState
          icon={CalendarDays}
          title={t('today.risk.noEvents', { days: DAYS })}
          text={t('today.risk.noEventsText')}
          action={<LinkTo to="/pipeline">{t('today.risk.toPipeline')}</LinkTo>}
          small
        />
      ) : worrying.length === 0 ? (
        <EmptyState icon={ShieldCheck} title={t('today.risk.none')} text={t('today.risk.noneText')} small />
      ) : (
        worrying.map(({ event_id, score, next_fix }) => {
          const event = byId.get(event_id);
          return (
            event && (
              <RowLink
                key={event_id}
                to={`/events/${event_id}`}
                lead={<Readiness score={score} />}
                title={event.title}
                text={t(`fix.${next_fix}`, next_fix)}
                aside={
                  <>
                    <StatusBadge value={event.priority} />
                    <Text size="sm" c="dimmed" ta="end">
                      {format.fromToday(event.start_date)}
                    </Text>
                  </>
                }
              />
            )
          );
        })
      )}
    </Panel>
  );
}

/** Readiness of an event, in percent. */
export function Readiness({ score, size = 40 }: { score: number; size?: number }) {
  const { t } = useTranslation();
  const color = score >= 80 ? 'green' : score >= 50 ? 'yellow.6' : 'red';
  return (
    <RingProgress
      size={size}
      thickness={4}
      roundCaps
      sections={[{ value: score, color }]}
      rootColor="var(--marquee-line)"
      label={
        <Text ta="center" fz={size > 50 ? 16 : 11} fw={600} className="numeric">
          {score}
        </Text>
      }
      role="img"
      aria-label={t('today.risk.score', { score })}
    />
  );
}
