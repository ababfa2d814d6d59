import { Alert, Button, FocusTrap, Group, Paper, Portal, Stack } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSaveRecord } from '../../hooks/changes';
import type { TableName } from '../../hooks/query';
import type { AnyRow, Entity, Field } from '../entity';
import { FieldInput } from '../FieldInput';
import { explain, notifyDone } from '../notify';

export interface EditedCell {
  row: AnyRow;
  field: Field;
  /** The cell's button: where the input opens, and where the keyboard comes back to. */
  at: HTMLElement;
}

const WIDTH = 280;
const ROOM = 170;

/** One value of a list's line, changed where it stands; refused when somebody was quicker, taken back by undo. */
export function InlineEdit({
  entity,
  cell,
  onClose,
}: {
  entity: Entity;
  cell: EditedCell;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const { row, field, at } = cell;
  const [value, setValue] = useState<unknown>(row[field.name]);
  const save = useSaveRecord<TableName>(entity.table, { showsFailure: true });
  const undo = useSaveRecord<TableName>(entity.table);
  const { left, top, bottom } = at.getBoundingClientRect();
  // Below the cell; above it where there is no room below.
  const beside =
    bottom + ROOM < window.innerHeight ? { top: bottom + 6 } : { bottom: window.innerHeight - top + 6 };
  const close = () => {
    onClose();
    at.focus();
  };
  const run = () =>
    save.mutate(
      { id: row.id, version: row.version, changes: { [field.name]: value } as never },
      {
        onSuccess: () => {
          const before = { [field.name]: row[field.name] } as never;
          notifyDone(t('saved'), () => undo.mutate({ id: row.id, changes: before }));
          close();
        },
      },
    );
  return (
    <Portal>
      <FocusTrap active>
        <Paper
          role="dialog"
          aria-label={t('list.editField', { field: t(`field.${field.name}`) })}
          shadow="md"
          withBorder
          p="sm"
          w={WIDTH}
          style={{
            position: 'fixed',
            zIndex: 200,
            left: Math.min(left, window.innerWidth - WIDTH - 12),
            ...beside,
          }}
          onKeyDown={(event) => {
            if (event.key === 'Escape') close();
          }}
        >
          <Stack
            component="form"
            gap="sm"
            onSubmit={(event) => {
              event.preventDefault();
              run();
            }}
          >
            <FieldInput field={field} value={value} onChange={setValue} autoFocus />
            {save.error && (
              <Alert color="red" role="alert">
                {explain(save.error)}
              </Alert>
            )}
            <Group justify="flex-end" gap="xs">
              <Button size="xs" variant="default" onClick={close}>
                {t('cancel')}
              </Button>
              <Button size="xs" type="submit" loading={save.isPending}>
                {t('save')}
              </Button>
            </Group>
          </Stack>
        </Paper>
      </FocusTrap>
    </Portal>
  );
}
