import { useTranslation } from 'react-i18next';
import { useAddRecords, useDeleteRecord, useSaveRecords } from '../hooks/changes';
import type { Row, TableName } from '../hooks/query';
import type { Entity } from './entity';
import { notifyDone, notifyProblem } from './notify';

/**
 * Deletes records and offers undo. Undo is possible for soft deletes, and for records that no other row refers to, which are
 * inserted again. Ask for confirmation before deleting any other kind.
 */
export function useRemove({ table, softDelete, leaf }: Pick<Entity, 'table' | 'softDelete' | 'leaf'>) {
  const { t } = useTranslation();
  const mark = useSaveRecords<TableName>(table);
  const destroy = useDeleteRecord<TableName>(table);
  const add = useAddRecords<TableName>(table);
  const onSuccess = () => notifyDone(t('undone'));
  const remove = (ids: string[], onDone?: () => void) => {
    const done = (gone: readonly unknown[], undo?: () => void) => {
      if (gone.length > 0) notifyDone(t('deleted', { count: gone.length }), undo);
      if (gone.length < ids.length) notifyProblem(t('list.notChanged', { count: ids.length - gone.length }));
      onDone?.();
    };
    if (!softDelete) {
      destroy.mutate(ids, {
        onSuccess: (gone) => {
          const undo = () => add.mutate(gone.map(asAdded), { onSuccess });
          done(gone, leaf ? undo : undefined);
        },
      });
      return;
    }
    const setDeleted = (deleted_at: string | null) => ({ ids, changes: { deleted_at } as never });
    mark.mutate(setDeleted(new Date().toISOString()), {
      onSuccess: (gone) => done(gone, () => mark.mutate(setDeleted(null), { onSuccess })),
    });
  };
  return { remove, isPending: mark.isPending || destroy.isPending };
}

/** Columns that the database fills. */
const SYSTEM_COLUMNS = new Set(
  `tenant_id version line_total created_at created_by updated_at updated_by completed_at completed_by per overbooked serialized
   booth_assignment_id checked_out_at checked_out_by checked_in_at checked_in_by condition revision_count proof_token_hash approved_at
   approved_by_name from_address provider_message_id failure_reason`.split(/\s+/),
);

function asAdded(row: Row<TableName>) {
  return Object.fromEntries(Object.entries(row).filter(([column]) => !SYSTEM_COLUMNS.has(column))) as never;
}
