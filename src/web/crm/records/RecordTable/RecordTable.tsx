import { Button, Checkbox } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import {
  columnVisibilityFeature,
  type RowSelectionState,
  rowSelectionFeature,
  rowSortingFeature,
  type SortingState,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { ArrowDown, ArrowUp, Plus } from 'lucide-react';
import { type ReactNode, useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../../hooks/format';
import { useRecordWindow } from '../../../hooks/records/record-window';
import type { Filter } from '../../../hooks/request/query';
import { useMay } from '../../../hooks/session/roles';
import { EmptyState, Failed } from '../../../ui/Panel';
import type { AnyRow, Entity, Field } from '../entity';
import { BulkBar } from './BulkBar';
import { BulkChanges } from './BulkChanges';
import { cellStyle } from './cell-style';
import { type EditedCell, InlineEdit } from './InlineEdit';
import classes from './RecordTable.module.css';
import { Rows } from './Rows';
import { Toolbar } from './Toolbar';
import { useColumns } from './use-columns';
import { useListState } from './use-list-state';
import { ViewTabs } from './ViewTabs';

/** Lists up to this many rows can be sorted by every column. */
const SORTED_FREELY = 2_000;

/** Number of placeholder rows until the total is known. */
const UNKNOWN = 12;

const features = tableFeatures({ columnVisibilityFeature, rowSelectionFeature, rowSortingFeature });

interface Properties {
  entity: Entity;
  /** Permanent filters. Pass the same array on every render. */
  filters?: readonly Filter[];
  /** Opens a record that has no page of its own. */
  onOpen?: (row: AnyRow) => void;
  onNew?: (() => void) | undefined;
  /** Additional toolbar buttons. */
  actions?: ReactNode;
  /** CSS height of the scroll container. */
  height?: string;
}

/**
 * A virtualized table of records. The database searches, filters, sorts and pages; only visible rows are loaded and rendered.
 */
export function RecordTable({ entity, filters, onOpen, onNew, actions, height }: Properties) {
  const { t } = useTranslation();
  const may = useMay();
  const format = useFormat();
  const narrow = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false });
  const state = useListState(entity, filters);
  const { visibility, setVisibility } = useColumns(entity);
  const [selection, setSelection] = useState<RowSelectionState>({});
  // State rather than a ref: the rows must render again once the scroll container is mounted.
  const [scroll, setScroll] = useState<HTMLElement | null>(null);
  const [range, setRange] = useState({ first: 0, last: 0 });
  const records = useRecordWindow<AnyRow>(entity.table, state.reading, range.first, range.last);
  const onView = useCallback((first: number, last: number) => {
    // Refetch only when the visible page changes.
    setRange((before) => (samePages(before, { first, last }) ? before : { first, last }));
  }, []);
  const [sortColumn, sortDirection] = state.order;
  const sorting = useMemo(
    (): SortingState => [{ id: sortColumn, desc: sortDirection === 'desc' }],
    [sortColumn, sortDirection],
  );
  const columns = useMemo(() => columnsOf(entity), [entity]);
  const table = useTable({
    features,
    columns,
    data: records.loaded,
    getRowId: (row: AnyRow) => row.id,
    manualSorting: true,
    enableSortingRemoval: false,
    state: { sorting, columnVisibility: visibility, rowSelection: selection },
    onSortingChange: (update) => {
      const [next] = typeof update === 'function' ? update(sorting) : update;
      if (next) state.change({ sort: `${next.desc ? '-' : ''}${next.id}` });
    },
    onRowSelectionChange: setSelection,
    onColumnVisibilityChange: setVisibility,
  });
  const shown = table.getVisibleLeafColumns().map((column) => fieldNamed(entity, column.id));
  const selected = Object.keys(selection).filter((id) => selection[id]);
  const canChange = may(entity.mayWrite);
  const isFiltered = Boolean(state.search.q || state.search.f || state.search.view);

  // Clear the selection when the list changes, so that bulk actions never apply to rows out of view.
  const looked = JSON.stringify([state.search.q, state.search.f, state.search.view]);
  const [chosenIn, setChosenIn] = useState(looked);
  if (chosenIn !== looked) {
    setChosenIn(looked);
    setSelection({});
  }
  const toggle = useCallback(
    (id: string) => setSelection(({ [id]: was, ...others }) => (was ? others : { ...others, [id]: true })),
    [],
  );
  const [edited, setEdited] = useState<EditedCell>();
  const edit = useCallback(
    (row: AnyRow, name: string, at: HTMLElement) => setEdited({ row, field: fieldNamed(entity, name), at }),
    [entity],
  );
  const what = t(`entity.${entity.table}.many`);
  const canSort = (name: string) =>
    !entity.sorted || entity.sorted.by.includes(name) || (records.total ?? 0) <= SORTED_FREELY;
  const rows = (
    <Rows
      entity={entity}
      fields={shown}
      scroll={scroll}
      total={records.total ?? UNKNOWN}
      row={records.row}
      narrow={narrow}
      selection={selection}
      onToggle={toggle}
      onOpen={onOpen}
      onEdit={canChange ? edit : undefined}
      onView={onView}
    />
  );
  return (
    <section className={classes.frame} aria-label={what}>
      <ViewTabs entity={entity} state={state} />
      {selected.length > 0 ? (
        <BulkBar
          entity={entity}
          ids={selected}
          {...((records.total ?? 0) > selected.length ? { reading: state.reading } : {})}
          onSelect={(ids) => setSelection(Object.fromEntries(ids.map((id) => [id, true])))}
          onDone={() => setSelection({})}
        />
      ) : (
        <Toolbar
          entity={entity}
          state={state}
          visibility={visibility}
          onVisibility={setVisibility}
          onNew={canChange ? onNew : undefined}
          actions={actions}
        />
      )}
      <BulkChanges entity={entity} />
      {records.error ? (
        <Failed error={records.error} retry={records.refetch} />
      ) : records.total === 0 ? (
        <EmptyState
          icon={entity.icon}
          title={isFiltered ? t('list.emptyFiltered') : what}
          text={isFiltered ? t('list.emptyFilteredText') : t(`entity.${entity.table}.empty`)}
          action={
            !isFiltered &&
            canChange &&
            onNew && (
              <Button variant="light" leftSection={<Plus size={16} />} onClick={onNew}>
                {t('list.addFirst', { what: t(`entity.${entity.table}.one`) })}
              </Button>
            )
          }
        />
      ) : (
        <section
          ref={setScroll}
          aria-busy={records.total === undefined}
          className={classes.scroll}
          style={height ? ({ '--list-height': height } as React.CSSProperties) : undefined}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a scroll container must be reachable by keyboard
          tabIndex={0}
          aria-label={t('list.list', { what })}
        >
          {narrow ? (
            rows
          ) : (
            <table className={classes.table} aria-rowcount={records.total ?? -1}>
              <thead className={classes.head}>
                <tr>
                  <th scope="col" className={`${classes.headCell} ${classes.check}`}>
                    <Checkbox
                      size="xs"
                      aria-label={t('list.selectAll')}
                      checked={selected.length > 0 && selected.length >= records.loaded.length}
                      indeterminate={selected.length > 0 && selected.length < records.loaded.length}
                      onChange={() =>
                        setSelection(
                          selected.length > 0
                            ? {}
                            : Object.fromEntries(records.loaded.map(({ id }) => [id, true])),
                        )
                      }
                    />
                  </th>
                  {table.getHeaderGroups()[0]?.headers.map((header) => {
                    const field = fieldNamed(entity, header.column.id);
                    const sorted = header.column.getIsSorted();
                    return (
                      <th
                        key={header.id}
                        scope="col"
                        className={classes.headCell}
                        style={cellStyle(field)}
                        aria-sort={sorted ? (sorted === 'desc' ? 'descending' : 'ascending') : 'none'}
                      >
                        {canSort(field.name) ? (
                          <button
                            type="button"
                            id={`column-${field.name}`}
                            className={classes.sort}
                            onClick={header.column.getToggleSortingHandler()}
                          >
                            {t(`field.${field.name}`)}
                            {sorted === 'asc' && <ArrowUp size={13} aria-hidden />}
                            {sorted === 'desc' && <ArrowDown size={13} aria-hidden />}
                          </button>
                        ) : (
                          <span id={`column-${field.name}`} title={t('list.sortAfterFilter')}>
                            {t(`field.${field.name}`)}
                          </span>
                        )}
                      </th>
                    );
                  })}
                </tr>
              </thead>
              {rows}
            </table>
          )}
        </section>
      )}
      {edited && <InlineEdit entity={entity} cell={edited} onClose={() => setEdited(undefined)} />}
      <div className={classes.foot}>
        <span aria-live="polite">
          {records.total === undefined
            ? '…'
            : records.isAbout
              ? t('list.about', { number: format.number(aboutOf(records.total)) })
              : t('list.count', { count: records.total })}
        </span>
      </div>
    </section>
  );
}

/** Two digits are enough of an estimate. */
function aboutOf(total: number): number {
  return Number(total.toPrecision(2));
}

function columnsOf(entity: Entity) {
  return entity.fields
    .filter((field) => field.list !== 'never' && field.kind !== 'multiline')
    .map((field) => ({ id: field.name as string, accessorKey: field.name as string, sortDescFirst: false }));
}

function fieldNamed(entity: Entity, name: string): Field {
  const field = entity.fields.find((candidate) => candidate.name === name);
  if (!field) throw new Error(`${entity.table} has no field ${name}.`);
  return field;
}

function samePages(one: { first: number; last: number }, other: { first: number; last: number }): boolean {
  return page(one.first) === page(other.first) && page(one.last) === page(other.last);
}

function page(index: number): number {
  return Math.floor(index / 100);
}
