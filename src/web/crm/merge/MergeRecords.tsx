import { Alert, Modal, Radio, ScrollArea, Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../hooks/format';
import { useRestore } from '../../hooks/records/archive';
import { useRpc } from '../../hooks/records/changes';
import { useRecords } from '../../hooks/records/records';
import { database, unwrap } from '../../hooks/request/database';
import type { Filter } from '../../hooks/request/query';
import { DialogActions } from '../../ui/DialogActions';
import { FormError } from '../../ui/FormError';
import { notifyDone } from '../../ui/notify';
import { Lines } from '../../ui/Panel';
import { type AnyRow, type Entity, type Field, selectOf } from '../records/entity';
import { FieldValue } from '../records/fields/FieldValue';

interface Properties {
  /** Accounts or contacts. */
  entity: Entity;
  ids: readonly string[];
  onClose: () => void;
  onMerged: (survivor: string) => void;
}

interface Merged {
  moved: Record<string, number>;
  /** The merged record's id in the trash, for undoing the merge. */
  archived: string;
}

/** The database merges these: it concatenates notes and keeps every opt-out. */
const NOT_CHOSEN = ['notes', 'email_opt_out', 'sms_opt_out'];

/** Side-by-side merge: which record is kept, with which values, and what is moved to it. */
export function MergeRecords({ entity, ids, onClose, onMerged }: Properties) {
  const { t } = useTranslation();
  const format = useFormat();
  const reading = useMemo(
    () => ({
      select: selectOf(entity),
      filters: [['id', 'in', ids]] as Filter[],
      order: [['created_at', 'asc']] as const,
    }),
    [entity, ids],
  );
  const { data: rows } = useRecords<typeof entity.table, AnyRow>(entity.table, reading);
  const [kept, setKept] = useState(ids[0] ?? '');
  /** Id of the record that supplies each field's value. */
  const [sources, setSources] = useState<Record<string, string>>({});
  const kind = entity.table.slice(0, -1);
  const duplicates = ids.filter((id) => id !== kept);
  const asked = { kind, survivor: kept, duplicates, preview: true };
  const preview = useQuery({
    // Outside the `records` key: after the merge the preview must not be fetched again.
    queryKey: ['merge', asked],
    // A function with locks, so it is not called as a read.
    queryFn: async () => unwrap(await database.rpc('merge_records', asked)) as unknown as Merged,
  });
  const merge = useRpc('merge_records');
  const restore = useRestore();
  const differing = entity.fields.filter((field) => !field.readOnly && differs(field, rows ?? []));
  /** By default the kept record's value, else the first non-empty value of the others. */
  const sourceOf = (field: Field) => {
    const order = [...(rows ?? [])].sort((a, b) => Number(b.id === kept) - Number(a.id === kept));
    return sources[field.name] ?? order.find((row) => !isEmpty(row[field.name]))?.id ?? kept;
  };
  const run = () => {
    const chosen = Object.fromEntries(
      differing.map((field) => [
        field.name,
        rows?.find(({ id }) => id === sourceOf(field))?.[field.name] ?? null,
      ]),
    );
    merge.mutate(
      { kind, survivor: kept, duplicates, chosen: chosen as never },
      {
        onSuccess: (answer) => {
          const { archived } = answer as unknown as Merged;
          const undo = () =>
            restore.mutate({ ids: [archived] }, { onSuccess: () => notifyDone(t('undone')) });
          notifyDone(t('merge.done', { count: duplicates.length }), undo);
          onMerged(kept);
        },
      },
    );
  };
  const moved = Object.entries(preview.data?.moved ?? {});
  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      title={t('merge.title', { what: t(`entity.${entity.table}.many`) })}
    >
      {rows ? (
        <Stack>
          <Text size="sm" c="dimmed">
            {t('merge.text')}
          </Text>
          <ScrollArea type="auto" viewportProps={{ tabIndex: 0 }}>
            <Table miw={220 + rows.length * 190} verticalSpacing={8}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th w={140}>{t('merge.keep')}</Table.Th>
                  {rows.map((row) => (
                    <Table.Th key={row.id}>
                      <Radio
                        name="kept"
                        label={entity.title(row as never)}
                        description={t('merge.since', { date: format.date(String(row.created_at)) })}
                        checked={row.id === kept}
                        onChange={() => setKept(row.id)}
                      />
                    </Table.Th>
                  ))}
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {differing.map((field) => (
                  <Table.Tr key={field.name}>
                    <Table.Td c="dimmed" fz="sm">
                      {t(`field.${field.name}`, field.name)}
                    </Table.Td>
                    {rows.map((row) => (
                      <Table.Td key={row.id}>
                        {isEmpty(row[field.name]) ? (
                          <Text c="dimmed" size="sm">
                            –
                          </Text>
                        ) : (
                          <Radio
                            name={field.name}
                            label={<FieldValue field={field} row={row} links={false} />}
                            checked={sourceOf(field) === row.id}
                            onChange={() => setSources({ ...sources, [field.name]: row.id })}
                            styles={{ label: { overflowWrap: 'anywhere' } }}
                          />
                        )}
                      </Table.Td>
                    ))}
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </ScrollArea>
          <Alert color="blue" title={t('merge.moves')}>
            {preview.isPending
              ? '…'
              : moved.length === 0
                ? t('merge.movesNothing')
                : moved
                    .map(([table, count]) => `${format.number(count)} × ${t(`entity.${table}.many`, table)}`)
                    .join(' · ')}
          </Alert>
          <FormError error={merge.error ?? preview.error} />
          <DialogActions
            label={t('merge.run')}
            onCancel={onClose}
            onConfirm={run}
            isPending={merge.isPending}
            isDisabled={!preview.data}
          />
        </Stack>
      ) : (
        <Lines />
      )}
    </Modal>
  );
}

function differs(field: Field, rows: readonly AnyRow[]): boolean {
  if (NOT_CHOSEN.includes(field.name)) return false;
  return new Set(rows.map((row) => JSON.stringify(row[field.name] ?? null))).size > 1;
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || value === '';
}
