import { useTranslation } from 'react-i18next';
import { useAddRecords, useDeleteRecord, useSaveRecords } from '../hooks/changes';
import type { Row, TableName } from '../hooks/query';
import type { Entity } from './entity';
import { notifyDone, notifyProblem } from './notify';

/**
 * Deletes records, with a way back: where deleting only marks them, and where nothing hangs on them, so that they can be added
 * again as they were. Ask before any other is deleted.
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

/** Whose it is and who changed it when, the database says itself. */
function asAdded(row: Row<TableName>) {
  const {
    tenant_id: _,
    version: _version,
    updated_at: _at,
    updated_by: _by,
    ...own
  } = row as Record<string, unknown>;
  return own as never;
}
