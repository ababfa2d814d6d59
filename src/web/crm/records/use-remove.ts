import { useTranslation } from 'react-i18next';
import { type Deleted, isRestorable, type Restored, useRestore } from '../../hooks/records/archive';
import { useAddRecords, useDeleteRecord, useRpc } from '../../hooks/records/changes';
import type { Row, TableName } from '../../hooks/request/query';
import { inLanguage, notifyDone, notifyProblem } from '../../ui/notify';
import type { Entity } from './entity';
import { SYSTEM_COLUMNS } from './system-columns';

/** Whether a deletion of records of this kind can be undone. */
export const canUndo = ({ table, leaf }: Pick<Entity, 'table' | 'leaf'>) =>
  leaf === true || isRestorable(table);

/**
 * Deletes records and offers undo where it is possible: main records are restored from the trash, and records that no other row
 * refers to are inserted again. Ask for confirmation before deleting any other kind.
 */
export function useRemove({ table, leaf }: Pick<Entity, 'table' | 'leaf'>) {
  const { t } = useTranslation();
  const archive = useRpc('delete_records');
  const restore = useRestore();
  const destroy = useDeleteRecord<TableName>(table);
  const add = useAddRecords<TableName>(table);
  const onSuccess = () => notifyDone(t('undone'));
  const done = (gone: number, undo?: () => void, onDone?: () => void) => {
    if (gone > 0) notifyDone(t('deleted', { count: gone }), undo);
    onDone?.();
  };
  const remove = (ids: string[], onDone?: () => void) => {
    if (!isRestorable(table)) {
      destroy.mutate(ids, {
        onSuccess: (gone) => {
          const undo = () => add.mutate(gone.map(asAdded), { onSuccess });
          done(gone.length, leaf ? undo : undefined, onDone);
          if (gone.length < ids.length)
            notifyProblem(t('list.notChanged', { count: ids.length - gone.length }));
        },
      });
      return;
    }
    archive.mutate(
      { kind: table, ids },
      {
        onSuccess: (answer) => {
          const outcome = answer as unknown as Deleted[];
          const gone = outcome.flatMap(({ id, archived, hidden }) => archived ?? (hidden ? id : []));
          const undo = () =>
            restore.mutate(
              { ids: gone },
              { onSuccess: (back) => sayRestored(back as unknown as Restored[]) },
            );
          const [refused] = outcome.filter((one) => one.refused);
          done(
            gone.length,
            gone.length > 0 ? undo : undefined,
            gone.length > 0 || !refused ? onDone : undefined,
          );
          if (refused) notifyProblem(whyKept(refused));
        },
      },
    );
  };
  const whyKept = ({ refused, used_by }: Deleted) =>
    used_by
      ? t('trash.usedBy', {
          what: t(
            `entity.${used_by.replace(/^booth_assignments$|^equipment_assignments$/, 'events')}.many`,
            used_by,
          ),
        })
      : inLanguage(refused ?? '');
  const sayRestored = (restored: Restored[]) => {
    const left = restored.flatMap((one) => one.left);
    if (left.length === 0) onSuccess();
    else notifyProblem(t('trash.left', { what: left.map(inLanguage).join(' · ') }));
  };
  return { remove, isPending: archive.isPending || destroy.isPending };
}

function asAdded(row: Row<TableName>) {
  return Object.fromEntries(Object.entries(row).filter(([column]) => !SYSTEM_COLUMNS.has(column))) as never;
}
