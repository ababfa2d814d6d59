import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useRecords } from '../../hooks/records/records';
import type { Filter } from '../../hooks/request/query';
import { tasks } from '../entities/work';
import { RelatedRecords } from '../records/RelatedRecords';

/** Open tasks about a record, such as what a connected service refused. Nothing is shown while there are none. */
export function RecordTasks({ entityType, entityId }: { entityType: string; entityId: string }) {
  const { t } = useTranslation();
  const filters = useMemo(
    (): Filter[] => [
      ['entity_type', 'eq', entityType],
      ['entity_id', 'eq', entityId],
      ['status', 'in', ['pending', 'in_progress']],
    ],
    [entityType, entityId],
  );
  const { data } = useRecords('tasks', { filters, select: 'id', limit: 1 }, { live: true });
  if (!data?.length) return null;
  return (
    <RelatedRecords
      entity={tasks}
      title={t('record.tasks')}
      filters={filters}
      canAdd={false}
      fields={['title', 'description', 'due_date']}
    />
  );
}
