import { Alert, FocusTrap, Paper, Portal, Stack } from '@mantine/core';
import { useWindowEvent } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isQueued, useSaveRecord } from '../../../hooks/records/changes';
import { database, unwrap } from '../../../hooks/request/database';
import { Conflict } from '../../../hooks/request/failures';
import type { TableName } from '../../../hooks/request/query';
import { DialogActions } from '../../../ui/DialogActions';
import { FormError } from '../../../ui/FormError';
import { notifyDone } from '../../../ui/notify';
import { type AnyRow, type Entity, type Field, selectOf } from '../entity';
import { FieldInput } from '../fields/FieldInput';
import { FieldValue } from '../fields/FieldValue';

export interface EditedCell {
  row: AnyRow;
  field: Field;
  /** The cell's button: anchors the input, and receives the focus afterwards. */
  at: HTMLElement;
}

const WIDTH = 280;
const ROOM = 170;

/**
 * Edits one cell in place, with undo. Refused if another user has changed the value. Without a connection the edit waits on this device,
 * as edits of a record's page do.
 */
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
  const [now, setNow] = useState(row);
  const [isTheirs, setTheirs] = useState(false);
  const save = useSaveRecord<TableName>(entity.table, { showsFailure: true });
  const undo = useSaveRecord<TableName>(entity.table);
  const { left, top, bottom } = at.getBoundingClientRect();
  // Below the cell, or above it if there is no room.
  const beside =
    bottom + ROOM < window.innerHeight ? { top: bottom + 6 } : { bottom: window.innerHeight - top + 6 };
  const close = () => {
    onClose();
    at.focus();
  };
  // Wherever the keyboard is: the input takes it a moment after the dialog is shown.
  useWindowEvent('keydown', ({ key }) => {
    if (key === 'Escape') close();
  });
  const savingOf = (seen: AnyRow, to: unknown) => ({
    ...{ id: row.id, version: seen.version, changes: { [field.name]: to } as never },
    offline: {
      ...{ group: `${entity.table}:${row.id}`, seen },
      label: `${entity.title(row)} · ${t(`field.${field.name}`)}`,
    },
  });
  const run = (seen: AnyRow) =>
    save.mutate(savingOf(seen, value), {
      onSuccess: (saved) => {
        const takeBack = () => undo.mutate(savingOf(saved as AnyRow, seen[field.name]));
        notifyDone(t(isQueued(entity.table, row.id) ? 'offline.unsaved' : 'saved'), takeBack);
        close();
      },
      onError: (error) => {
        if (error instanceof Conflict) void lookAgain(seen);
      },
    });
  /**
   * After a version conflict, reads the row again. Only a change of the same field is shown to the user before it is
   * overwritten.
   */
  const lookAgain = async (seen: AnyRow) => {
    const query = database.from(entity.table).select(selectOf(entity)).eq('id', row.id).maybeSingle();
    const now = unwrap(await query) as unknown as AnyRow | null;
    if (!now) return;
    setNow(now);
    if (now[field.name] === seen[field.name]) run(now);
    else setTheirs(true);
  };
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
        >
          <Stack
            component="form"
            gap="sm"
            onSubmit={(event) => {
              event.preventDefault();
              setTheirs(false);
              run(now);
            }}
          >
            <FieldInput field={field} value={value} currency={row.currency} onChange={setValue} autoFocus />
            {isTheirs && (
              <Alert color="yellow" role="alert">
                {t('list.theirs')} <FieldValue field={field} row={now} links={false} />
              </Alert>
            )}
            {!(save.error instanceof Conflict) && (
              <FormError error={save.error} sent={{ [field.name]: value }} />
            )}
            <DialogActions label={t('save')} size="xs" onCancel={close} isPending={save.isPending} />
          </Stack>
        </Paper>
      </FocusTrap>
    </Portal>
  );
}
