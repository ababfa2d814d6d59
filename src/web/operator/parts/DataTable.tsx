import { useMediaQuery } from '@mantine/hooks';
import { ArrowDown, ArrowUp, SearchX } from 'lucide-react';
import { type CSSProperties, type ReactNode, useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState, Failed, Lines } from '../../ui/Panel';
import type { Subject } from '../queries';
import type { Column } from './column';
import { DataRows, ROW } from './DataRows';
import classes from './DataTable.module.css';
import { Outdated } from './QueryView';
import { useWindow } from './use-window';

export interface Sorting {
  by: string;
  descending: boolean;
}

interface Properties<Row extends { id: string }> {
  /** The table's name for screen readers. */
  label: string;
  subject: Subject;
  /** Answers `{rows, total}` for `offset`, `limit`, `sort` and `descending`. */
  path: string;
  parameters?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Pass a stable array. */
  columns: readonly Column<Row>[];
  sorting?: Sorting;
  onSort?: (sorting: Sorting) => void;
  /** Ids of selected rows, where rows can be selected. */
  selected?: ReadonlySet<string> | undefined;
  /** Pass a stable function. */
  onSelect?: ((row: Row, isSelected: boolean) => void) | undefined;
  /** Polling interval for data whose changes are not announced, ms. At least 5,000. */
  everyMs?: number;
  /** Shown where the list has no rows. */
  empty?: ReactNode;
}

/** A list of any length: the server searches, sorts and counts, and only rows that are in view are read and rendered. */
export function DataTable<Row extends { id: string }>(properties: Properties<Row>) {
  const {
    label,
    subject,
    path,
    parameters = {},
    columns,
    sorting,
    onSort,
    everyMs,
    empty,
    selected,
    onSelect,
  } = properties;
  const { t } = useTranslation();
  const isNarrow = useMediaQuery('(max-width: 48em)') ?? false;
  const [scroller, setScroller] = useState<HTMLElement | null>(null);
  const [range, setRange] = useState({ from: 0, to: 30 });
  const order = sorting ? { sort: sorting.by, descending: sorting.descending } : {};
  const list = useWindow<Row>(subject, path, { ...parameters, ...order }, range, everyMs);
  const shown = useMemo(() => columns.filter(({ wide }) => !(wide && isNarrow)), [columns, isNarrow]);
  // Whole pages are read: the range matters only where it reaches another one.
  const onView = useCallback(
    (from: number, to: number) => setRange((was) => (samePages(was, { from, to }) ? was : { from, to })),
    [],
  );
  if (list.total === undefined)
    return list.error ? <Failed error={list.error} retry={list.refetch} /> : <Lines count={8} />;
  const tracks = [...(onSelect ? ['40px'] : []), ...shown.map(({ width }) => width)].join(' ');
  return (
    <>
      <Outdated query={{ ...list, data: list.total, refetch: list.refetch as never }} />
      {list.total === 0 ? (
        (empty ?? <EmptyState icon={SearchX} title={t('nothingFound')} />)
      ) : (
        <section
          ref={setScroller}
          aria-label={label}
          className={classes.scroller}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled with the keyboard
          tabIndex={0}
          style={{ '--columns': tracks, height: Math.min(640, list.total * ROW + 42) } as CSSProperties}
        >
          <table className={classes.table} aria-label={label} aria-rowcount={list.total + 1}>
            <thead>
              <tr aria-rowindex={1} className={classes.head}>
                {onSelect && <td />}
                {shown.map((column) => (
                  <Head key={column.key} column={column} sorting={sorting} onSort={onSort} />
                ))}
              </tr>
            </thead>
            <DataRows
              scroller={scroller}
              total={list.total}
              rowAt={list.rowAt}
              columns={shown}
              selected={selected}
              onSelect={onSelect}
              onView={onView}
            />
          </table>
        </section>
      )}
    </>
  );
}

function samePages(one: { from: number; to: number }, other: { from: number; to: number }): boolean {
  const page = (index: number) => Math.floor(index / 100);
  return page(one.from) === page(other.from) && page(one.to) === page(other.to);
}

function Head<Row>({
  column: { key, label, sortable, align },
  sorting,
  onSort,
}: {
  column: Column<Row>;
  sorting: Sorting | undefined;
  onSort: ((sorting: Sorting) => void) | undefined;
}) {
  const isSorted = sorting?.by === key;
  const direction = sorting?.descending ? 'descending' : 'ascending';
  return (
    <th
      scope="col"
      className={classes.cell}
      data-align={align}
      {...(isSorted ? { 'aria-sort': direction } : {})}
    >
      {sortable && onSort ? (
        <button
          type="button"
          className={classes.sort}
          onClick={() => onSort({ by: key, descending: isSorted && !sorting?.descending })}
        >
          {label}
          {isSorted && (sorting?.descending ? <ArrowDown size={13} /> : <ArrowUp size={13} />)}
        </button>
      ) : (
        label
      )}
    </th>
  );
}
