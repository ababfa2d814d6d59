import { Button, Group, Modal, Select, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSetColumn } from '../../hooks/changes';
import type { TableName } from '../../hooks/query';
import { useMay } from '../../hooks/roles';
import { confirm } from '../confirm';
import type { Entity } from '../entity';
import { FieldInput } from '../FieldInput';
import { notifyDone, notifyProblem } from '../notify';
import { useRemove } from '../use-remove';
import classes from './RecordTable.module.css';

interface Properties {
  entity: Entity;
  ids: string[];
  onDone: () => void;
}

/** Bulk actions for the selected rows of a list. */
export function BulkBar({ entity, ids, onDone }: Properties) {
  const { t } = useTranslation();
  const may = useMay();
  const [changing, { open, close }] = useDisclosure();
  const { remove, isPending } = useRemove(entity);
  const fields = entity.fields.filter((field) => field.bulk);
  const askToDelete = () =>
    confirm({
      title: t('deleteTitle', { name: t('list.selected', { count: ids.length }) }),
      text: t(entity.leaf || entity.softDelete ? 'deleteText' : 'deleteForGoodText'),
      action: t('delete'),
      destructive: true,
      onConfirm: () => remove(ids, onDone),
    });
  return (
    <div className={classes.toolbar}>
      <Text fw={600} size="sm">
        {t('list.selected', { count: ids.length })}
      </Text>
      <Button variant="subtle" size="compact-sm" onClick={onDone}>
        {t('list.clear')}
      </Button>
      <div style={{ flex: 1 }} />
      <Group gap="xs">
        {fields.length > 0 && may(entity.mayWrite) && (
          <Button variant="default" onClick={open}>
            {t('list.change')}
          </Button>
        )}
        {may('delete') && (
          <Button variant="light" color="red" onClick={askToDelete} loading={isPending}>
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
  const field = fields.find((candidate) => candidate.name === name);
  const apply = () => {
    if (!field) return;
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
          onClose();
          onDone();
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
          allowDeselect={false}
          data={fields.map((candidate) => ({ value: candidate.name, label: t(`field.${candidate.name}`) }))}
          onChange={(next) => {
            setName(next ?? '');
            setValue(null);
          }}
        />
        {field && <FieldInput field={field} value={value} onChange={setValue} />}
        <Button onClick={apply} loading={set.isPending}>
          {t('apply')}
        </Button>
      </Stack>
    </Modal>
  );
}
