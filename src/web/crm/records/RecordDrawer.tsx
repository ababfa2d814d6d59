import { Drawer } from '@mantine/core';
import { useBlocker } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { useSaveRecord } from '../../hooks/records/changes';
import type { TableName } from '../../hooks/request/query';
import { notifyDone } from '../../ui/notify';
import { Lines } from '../../ui/Panel';
import { isCreating } from './create-in-place';
import type { AnyRow, Entity } from './entity';

/** Loaded when the first form opens: it includes every kind of input. */
const RecordForm = lazy(() => import('./RecordForm').then((form) => ({ default: form.RecordForm })));

const HistoryBelow = lazy(() =>
  import('../timeline/HistoryBelow').then(({ HistoryBelow }) => ({ default: HistoryBelow })),
);

const Files = lazy(() => import('../timeline/Files').then(({ Files }) => ({ default: Files })));

interface Properties {
  entity: Entity;
  opened: boolean;
  onClose: () => void;
  record?: AnyRow | undefined;
  presets?: Record<string, unknown> | undefined;
  /** Values that a new record's form begins with. */
  suggested?: Record<string, unknown> | undefined;
  onSaved?: ((record: AnyRow) => void) | undefined;
}

/** A record's form in a drawer beside the current screen. */
export function RecordDrawer({ entity, opened, onClose, record, presets, suggested, onSaved }: Properties) {
  const { t } = useTranslation();
  const what = t(`entity.${entity.table}.one`);
  // Going back closes the drawer instead of leaving the screen.
  useBlocker({
    shouldBlockFn: ({ action }) => {
      if (action !== 'BACK') return false;
      onClose();
      return true;
    },
    enableBeforeUnload: false,
    disabled: !opened,
  });
  const restore = useSaveRecord<TableName>(entity.table);
  return (
    <Drawer
      opened={opened}
      onClose={() => isCreating() || onClose()}
      position="right"
      size="lg"
      title={record ? t('form.edit', { what }) : t('form.new', { what })}
      styles={{ title: { fontWeight: 650, fontSize: 18 } }}
    >
      {opened && (
        <Suspense fallback={<Lines />}>
          <RecordForm
            entity={entity}
            record={record}
            presets={presets}
            suggested={suggested}
            onCancel={onClose}
            onSaved={(saved, before) => {
              const { id, version } = saved;
              const undo = before && (() => restore.mutate({ id, version, changes: before as never }));
              notifyDone(record ? t('saved') : t('form.created'), undo);
              onClose();
              onSaved?.(saved);
            }}
          />
          {record && !entity.hasPage && <HistoryBelow kind={entity.table} record={record} />}
          {entity.clientFiles && record && (
            <Files
              entityType={entity.clientFiles.entityType}
              entityId={record.id}
              clientTitle={entity.clientFiles.title}
            />
          )}
        </Suspense>
      )}
    </Drawer>
  );
}
