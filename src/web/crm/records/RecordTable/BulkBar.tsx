import { Button, Group, Modal, Select, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BeginBulkChange } from '@/server/api/records/bulk-changes';
import { isRestorable } from '../../../hooks/records/archive';
import { MOST_AT_ONCE, useBeginBulkChange } from '../../../hooks/records/bulk-changes';
import { useSetColumn } from '../../../hooks/records/changes';
import type { Reading, TableName } from '../../../hooks/request/query';
import { useMay } from '../../../hooks/session/roles';
import { confirm } from '../../../ui/confirm';
import { notifyDone, notifyProblem } from '../../../ui/notify';
import type { Entity } from '../entity';
import { FieldInput } from '../fields/FieldInput';
import { canUndo, useRemove } from '../use-remove';
import classes from './RecordTable.module.css';
import { SelectMatching } from './SelectMatching';

interface Properties {
  entity: Entity;
  ids: string[];
  onDone: () => void;
}

/** Bulk actions for the selected rows of a list. */
export function BulkBar({
  entity,
  ids,
  reading,
  onSelect,
  onDone,
}: Properties & {
  /** The list's query, while rows match it that are not selected. */
  reading?: Reading;
  onSelect: (ids: string[]) => void;
}) {
  const { t } = useTranslation();
  const may = useMay();
  const [changing, { open, close }] = useDisclosure();
  const { remove, isPending } = useRemove(entity);
  const begin = useBeginBulkChange();
  const removeMany = () =>
    begin.mutate({ id: crypto.randomUUID(), kind: entity.table, ids }, { onSuccess: onDone });
  const fields = entity.fields.filter((field) => field.bulk);
  const askToDelete = () =>
    confirm({
      title: t('deleteTitle', { name: t('list.selected', { count: ids.length }) }),
      text: t(canUndo(entity) ? 'deleteText' : 'deleteForGoodText'),
      action: t('delete'),
      destructive: true,
      onConfirm: () =>
        ids.length > MOST_AT_ONCE && isRestorable(entity.table) ? removeMany() : remove(ids, onDone),
    });
  return (
    <div className={classes.toolbar}>
      <Text fw={600} size="sm">
        {t('list.selected', { count: ids.length })}
      </Text>
      <Button variant="subtle" size="compact-sm" onClick={onDone}>
        {t('list.clear')}
      </Button>
      {reading && <SelectMatching entity={entity} reading={reading} onSelect={onSelect} />}
      <div style={{ flex: 1 }} />
      <Group gap="xs">
        {fields.length > 0 && may(entity.mayWrite) && (
          <Button variant="default" onClick={open}>
            {t('list.change')}
          </Button>
        )}
        {may('delete') && (
          <Button variant="light" color="red" onClick={askToDelete} loading={isPending || begin.isPending}>
            {t('delete')}
          </Button>
        )}
      </Group>
      <BulkChange entity={entity} ids={ids} opened={changing} onClose={close} onDone={onDone} />
    </div>
  );
}

function BulkChange({
  entity,
  ids,
  opened,
  onClose,
  onDone,
}: Properties & { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const fields = entity.fields.filter((field) => field.bulk);
  const [name, setName] = useState<string>(fields[0]?.name ?? '');
  const [value, setValue] = useState<unknown>(null);
  const set = useSetColumn<TableName>(entity.table);
  const begin = useBeginBulkChange();
  // One change however often it is sent: for a double click, and for an answer that was lost.
  const [id] = useState(() => crypto.randomUUID());
  const end = () => {
    onClose();
    onDone();
  };
  const field = fields.find((candidate) => candidate.name === name);
  const apply = () => {
    if (!field) return;
    if (ids.length > MOST_AT_ONCE) {
      begin.mutate(
        { id, kind: entity.table, ids, column: field.name, value: value as BeginBulkChange['value'] },
        { onSuccess: end },
      );
      return;
    }
    set.mutate(
      { ids, column: field.name, value },
      {
        onSuccess: (changed) => {
          const undo = () => {
            for (const [old, same] of Map.groupBy(changed, (one) => one.value)) {
              set.mutate({ ids: same.map(({ id }) => id), column: field.name, value: old });
            }
          };
          notifyDone(t('list.changed', { count: changed.length }), undo);
          if (changed.length < ids.length) {
            notifyProblem(t('list.notChanged', { count: ids.length - changed.length }));
          }
          end();
        },
      },
    );
  };
  return (
    <Modal opened={opened} onClose={onClose} title={t('list.bulkTitle', { count: ids.length })}>
      <Stack>
        <Select
          label={t('list.field')}
          value={name}
          data={fields.map((candidate) => ({ value: candidate.name, label: t(`field.${candidate.name}`) }))}
          onChange={(next) => {
            setName(next ?? '');
            setValue(null);
          }}
        />
        {field && <FieldInput field={field} value={value} onChange={setValue} />}
        <Button onClick={apply} loading={set.isPending || begin.isPending}>
          {t('apply')}
        </Button>
      </Stack>
    </Modal>
  );
}
