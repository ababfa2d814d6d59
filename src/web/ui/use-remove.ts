import { useTranslation } from 'react-i18next';
import { useDeleteRecord, useSaveRecords } from '../hooks/changes';
import type { TableName } from '../hooks/query';
import type { Entity } from './entity';
import { notifyDone } from './notify';

/** Deletes records; where deleting only marks them, with a way back. */
export function useRemove(entity: Entity) {
  const { t } = useTranslation();
  const mark = useSaveRecords<TableName>(entity.table);
  const destroy = useDeleteRecord<TableName>(entity.table);
  const remove = (ids: string[], onDone?: () => void) => {
    if (!entity.softDelete) {
      destroy.mutate(ids, {
        onSuccess: (gone) => {
          notifyDone(t('deleted', { count: gone.length }));
          onDone?.();
        },
      });
      return;
    }
    const changes = { deleted_at: new Date().toISOString() } as never;
    mark.mutate(
      { ids, changes },
      {
        onSuccess: (gone) => {
          const undo = () =>
            mark.mutate(
              { ids, changes: { deleted_at: null } as never },
              { onSuccess: () => notifyDone(t('undone')) },
            );
          notifyDone(t('deleted', { count: gone.length }), undo);
          onDone?.();
        },
      },
    );
  };
  return { remove, isPending: mark.isPending || destroy.isPending };
}
