import { useVirtualizer } from '@tanstack/react-virtual';
import { memo } from 'react';
import { useWords } from '../../i18n/use-words';
import { useFilled } from '../../ui/few-at-once';
import { useListLinks } from '../../ui/list-links';
import type { Column } from './column';
import classes from './DataTable.module.css';

/** Height of a row, px. */
export const ROW = 44;
const OVERSCAN = 4;

interface Properties<Row extends { id: string }> {
  scroller: HTMLElement | null;
  total: number;
  rowAt: (index: number) => Row | undefined;
  columns: readonly Column<Row>[];
  selected: ReadonlySet<string> | undefined;
  onSelect: ((row: Row, isSelected: boolean) => void) | undefined;
  /** Reports the rows in view. */
  onView: (first: number, last: number) => void;
}

/** The rows in view. A component of its own, so that scrolling does not render the table. */
export function DataRows<Row extends { id: string }>(properties: Properties<Row>) {
  const { scroller, total, rowAt, columns, selected, onSelect, onView } = properties;
  const links = useListLinks();
  const virtual = useVirtualizer({
    count: total,
    getScrollElement: () => scroller,
    estimateSize: () => ROW,
    overscan: OVERSCAN,
    onChange: (instance) => {
      const items = instance.getVirtualItems();
      onView(items[0]?.index ?? 0, items.at(-1)?.index ?? 0);
    },
  });
  const items = virtual.getVirtualItems();
  // A page that arrives brings forty rows at once: too many for one frame.
  const filled = useFilled(items.flatMap(({ index }) => rowAt(index)?.id ?? []));
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: links fire click on keyboard activation
    <tbody
      className={classes.body}
      style={{ height: virtual.getTotalSize() }}
      onClick={links.follow}
      {...links.preloading}
    >
      {items.map(({ index, start }) => {
        const row = rowAt(index);
        return row && filled.has(row.id) ? (
          <DataRow
            key={row.id}
            row={row}
            index={index}
            start={start}
            columns={columns as unknown as readonly Column<{ id: string }>[]}
            isSelected={selected?.has(row.id) ?? false}
            onSelect={onSelect as ((row: { id: string }, isSelected: boolean) => void) | undefined}
          />
        ) : (
          <tr key={index} className={classes.row} style={{ transform: `translateY(${start}px)` }}>
            <td className={classes.cell}>
              <span className={classes.missing} />
            </td>
          </tr>
        );
      })}
    </tbody>
  );
}

interface RowProperties {
  row: { id: string };
  index: number;
  start: number;
  columns: readonly Column<{ id: string }>[];
  isSelected: boolean;
  onSelect: ((row: { id: string }, isSelected: boolean) => void) | undefined;
}

const DataRow = memo(function DataRow({ row, index, start, columns, isSelected, onSelect }: RowProperties) {
  const { t } = useWords();
  return (
    <tr aria-rowindex={index + 2} className={classes.row} style={{ transform: `translateY(${start}px)` }}>
      {onSelect && (
        <td className={classes.cell}>
          <input
            type="checkbox"
            className={classes.check}
            checked={isSelected}
            aria-label={t('console.select')}
            onChange={(event) => onSelect(row, event.currentTarget.checked)}
          />
        </td>
      )}
      {columns.map(({ key, cell, align }) => (
        <td key={key} className={classes.cell} data-align={align}>
          {cell(row)}
        </td>
      ))}
    </tr>
  );
});
