import { Text, Timeline } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useAccountChanges } from '../../hooks/company/people';
import { Failed, Lines, Panel } from '../../ui/Panel';
import { Entry } from './History';
import { type ChangeEntry, useChangeWords } from './use-change-words';

/** Who changed a person's name, address, role or status, in words, newest first. */
export function AccountHistory({ personId }: { personId: string }) {
  const { t } = useTranslation();
  const { headline } = useChangeWords();
  const { data, error, refetch } = useAccountChanges(personId);
  const entries = data?.map(
    ({ id, action, columns, changedAt, changedBy }): ChangeEntry => ({
      ...{ id, entity: 'users', entity_id: personId, subject: {}, action, names: {} },
      columns: columns as ChangeEntry['columns'],
      ...{ changed_at: changedAt, changed_by: changedBy, changed_through: null },
    }),
  );
  return (
    <Panel title={t('changes.entity.users')}>
      {error && !data ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : !entries ? (
        <Lines />
      ) : entries.length === 0 ? (
        <Text c="dimmed">{t('changes.none')}</Text>
      ) : (
        <Timeline bulletSize={12} lineWidth={2}>
          {entries.map((entry) => (
            <Timeline.Item key={entry.id} title={headline(entry)}>
              <Entry entry={entry} />
            </Timeline.Item>
          ))}
        </Timeline>
      )}
    </Panel>
  );
}
