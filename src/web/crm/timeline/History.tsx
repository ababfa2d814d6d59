import { Text, Timeline } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../hooks/format';
import { usePeople } from '../../hooks/people';
import type { AnyRow } from '../../ui/entity';
import { Panel } from '../../ui/Panel';

/** Timestamp columns that mark events in a record's life. */
const MOMENTS = [
  'created_at',
  'converted_at',
  'stage_changed_at',
  'closed_at',
  'sent_at',
  'viewed_at',
  'accepted_at',
  'declined_at',
  'voided_at',
  'briefed_at',
  'cancelled_at',
  'updated_at',
];

/** Timeline of a record. */
export function History({ record }: { record: AnyRow }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { nameOf } = usePeople();
  const moments = MOMENTS.flatMap((name) => (record[name] ? [{ name, at: String(record[name]) }] : [])).sort(
    (a, b) => b.at.localeCompare(a.at),
  );
  const who: Record<string, string> = {
    created_at: nameOf(record.created_by as string | null),
    updated_at: nameOf(record.updated_by as string | null),
    accepted_at: String(record.accepted_by_name ?? ''),
  };
  return (
    <Panel title={t('history.title')}>
      <Timeline bulletSize={12} lineWidth={2} active={moments.length}>
        {moments.map(({ name, at }) => (
          <Timeline.Item key={name} title={t(`history.${name}`)}>
            <Text size="sm" c="dimmed">
              {[format.moment(at), who[name]].filter(Boolean).join(' · ')}
            </Text>
          </Timeline.Item>
        ))}
      </Timeline>
    </Panel>
  );
}
