import { ActionIcon, Button, Group, Table, Text, Tooltip, VisuallyHidden } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Pencil, Plus, Trash2 } from 'lucide-react';
import { type ReactNode, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../hooks/format';
import type { ScreenSearch } from '../../hooks/page/screen-search';
import { useCountOf, useRecords } from '../../hooks/records/records';
import type { Filter, Order } from '../../hooks/request/query';
import { useMay } from '../../hooks/session/roles';
import { confirm } from '../../ui/confirm';
import { LinkTo } from '../../ui/LinkTo';
import { EmptyState, Failed, Lines, Panel } from '../../ui/Panel';
import { type AnyRow, type Entity, type FieldKind, selectOf } from './entity';
import { FieldValue } from './fields/FieldValue';
import { RecordDrawer } from './RecordDrawer';
import classes from './RelatedRecords.module.css';
import { canUndo, useRemove } from './use-remove';

/** Kinds whose values never wrap. */
const SHORT = new Set<FieldKind>([
  'date',
  'time',
  'timestamp',
  'money',
  'number',
  'percent',
  'choice',
  'stage',
  'phone',
]);

/** Rows shown at first: a screen's worth, since a booth has thousands of bookings after years and the page waits for what is drawn. */
const AT_FIRST = 25;
/** With each “Show more”. */
const MORE = 100;

/** Kinds whose values need a label when there is no column header. */
const LABELLED = new Set<FieldKind>(['date', 'time', 'timestamp', 'money', 'number', 'percent', 'flag']);

interface Properties {
  entity: Entity;
  /** Filters that select the related rows. Pass the same array on every render. */
  filters: readonly Filter[];
  /** Values of a row added here, such as the parent's id. */
  presets?: Record<string, unknown>;
  /** Values that the form of a row added here begins with. */
  suggested?: Record<string, unknown>;
  /** Fields shown, in this order; by default those of lists. */
  fields?: readonly string[];
  title?: string;
  order?: readonly Order[];
  canAdd?: boolean;
  /** Actions at the end of each row. */
  rowActions?: (row: AnyRow) => ReactNode;
  aside?: ReactNode;
}

/** A short list of a record's related rows, added, edited and removed in place. */
export function RelatedRecords({
  entity,
  filters,
  presets,
  suggested,
  fields,
  title,
  order,
  canAdd = true,
  rowActions,
  aside,
}: Properties) {
  const { t } = useTranslation();
  const may = useMay();
  const format = useFormat();
  const [opened, { open, close }] = useDisclosure();
  const [edited, setEdited] = useState<AnyRow>();
  const { remove } = useRemove(entity);
  const [most, setMost] = useState(AT_FIRST);
  const reading = useMemo(
    () => ({
      select: selectOf(entity),
      filters: [...(entity.filters ?? []), ...filters],
      order: order ?? entity.order,
      // One more than is shown says whether there are more.
      limit: most + 1,
    }),
    [entity, filters, order, most],
  );
  const {
    data: read,
    error,
    isPending,
    refetch,
  } = useRecords<typeof entity.table, AnyRow>(entity.table, reading);
  const rows = read?.slice(0, most);
  const hasMore = (read?.length ?? 0) > most;
  const total = useCountOf(entity.table, reading, hasMore);
  const shown = fields
    ? fields.flatMap((name) => entity.fields.find((field) => field.name === name) ?? [])
    : entity.fields.filter(
        (field) =>
          (field.list ?? 'shown') === 'shown' &&
          field.kind !== 'multiline' &&
          !(field.name in (presets ?? {})) &&
          // Omit columns that the filters make equal in every row.
          !filters.some(([column, how]) => column === field.name && how === 'eq'),
      );
  const writes = may(entity.mayWrite);
  const askToDelete = (row: AnyRow) =>
    canUndo(entity)
      ? remove([row.id])
      : confirm({
          title: t('deleteTitle', { name: t(`entity.${entity.table}.one`) }),
          text: t('deleteForGoodText'),
          action: t('delete'),
          destructive: true,
          onConfirm: () => remove([row.id]),
        });
  const edit = (row?: AnyRow) => {
    setEdited(row);
    open();
  };
  return (
    <Panel
      title={title ?? t(`entity.${entity.table}.many`)}
      flush
      aside={
        <Group gap="xs">
          {aside}
          {canAdd && writes && (
            <Button variant="light" size="compact-sm" leftSection={<Plus size={14} />} onClick={() => edit()}>
              {t('add')}
            </Button>
          )}
        </Group>
      }
    >
      {error ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : isPending ? (
        <Lines count={3} />
      ) : rows?.length === 0 ? (
        <EmptyState icon={entity.icon} title={t(`entity.${entity.table}.empty`)} small />
      ) : (
        <Table.ScrollContainer
          minWidth={Math.min(680, shown.length * 130)}
          classNames={{ scrollContainerInner: classes.inner ?? '' }}
          scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}
        >
          <Table className={classes.table ?? ''} horizontalSpacing={18} verticalSpacing={9} highlightOnHover>
            <Table.Thead>
              <Table.Tr>
                {shown.map((field) => (
                  <Table.Th
                    key={field.name}
                    c="dimmed"
                    fw={600}
                    fz={12.5}
                    ta={field.kind === 'money' ? 'end' : 'start'}
                  >
                    {t(`field.${field.name}`)}
                  </Table.Th>
                ))}
                <Table.Th>
                  <VisuallyHidden>{t('more')}</VisuallyHidden>
                </Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows?.map((row) => (
                <Table.Tr key={row.id}>
                  {shown.map((field, index) => (
                    <Table.Td
                      key={field.name}
                      data-label={
                        index > 0 && LABELLED.has(field.kind) ? t(`field.${field.name}`) : undefined
                      }
                      data-empty={index > 0 && isUnset(row[field.name]) ? true : undefined}
                      ta={field.kind === 'money' ? 'end' : 'start'}
                      style={{ whiteSpace: SHORT.has(field.kind) ? 'nowrap' : undefined }}
                    >
                      {entity.hasPage && field.name === entity.titleField ? (
                        <LinkTo to={`${entity.path}/${row.id}`} fw={550} inherit>
                          {String(row[field.name] ?? entity.title(row as never))}
                        </LinkTo>
                      ) : (
                        <FieldValue field={field} row={row} />
                      )}
                    </Table.Td>
                  ))}
                  <Table.Td>
                    <Group gap={4} justify="flex-end" wrap="nowrap">
                      {rowActions?.(row)}
                      {writes && !entity.hasPage && (
                        <Tooltip label={t('edit')}>
                          <ActionIcon
                            variant="subtle"
                            color="gray"
                            onClick={() => edit(row)}
                            aria-label={t('edit')}
                          >
                            <Pencil size={15} />
                          </ActionIcon>
                        </Tooltip>
                      )}
                      {writes && !entity.hasPage && may('delete') && (
                        <Tooltip label={t('delete')}>
                          <ActionIcon
                            variant="subtle"
                            color="gray"
                            onClick={() => askToDelete(row)}
                            aria-label={t('delete')}
                          >
                            <Trash2 size={15} />
                          </ActionIcon>
                        </Tooltip>
                      )}
                    </Group>
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
      {hasMore && (
        <Group justify="space-between" px={18} py="sm" gap="xs">
          <Text size="sm" c="dimmed">
            {t('list.someOf', {
              shown: format.number(most),
              total: total === undefined ? '…' : format.number(total),
            })}
          </Text>
          {entity.hasPage ? (
            <LinkTo to={entity.path} search={listOf(entity, filters)} size="sm">
              {t('list.toList')}
            </LinkTo>
          ) : (
            <Button variant="subtle" size="compact-sm" onClick={() => setMost(most + MORE)}>
              {t('list.showMore')}
            </Button>
          )}
        </Group>
      )}
      <RecordDrawer
        entity={entity}
        record={edited}
        presets={presets}
        suggested={suggested}
        opened={opened}
        onClose={close}
      />
    </Panel>
  );
}

function isUnset(value: unknown): boolean {
  return value === null || value === undefined || value === '' || value === false;
}

/** The list of all these rows: every one of them, not only those of its first view. */
function listOf({ views }: Entity, filters: readonly Filter[]): ScreenSearch {
  const all = views?.find(({ key }) => key === 'all');
  const f = Object.fromEntries(filters.map(([column, , value]) => [column, String(value)]));
  return { ...(all && { view: all.key }), f };
}
