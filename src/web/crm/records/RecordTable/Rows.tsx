import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import type { MouseEvent } from 'react';
import { usePrinting } from '../../../hooks/page/printing';
import { PAGE_SIZE } from '../../../hooks/request/query';
import { useFilled } from '../../../ui/few-at-once';
import { useListLinks } from '../../../ui/list-links';
import type { AnyRow, Entity, Field } from '../entity';
import { ListRow, RowCard } from './ListRow';
import classes from './RecordTable.module.css';

const ROW_HEIGHT = 44;
const CARD_HEIGHT = 68;

interface Properties {
  entity: Entity;
  fields: readonly Field[];
  /** The scroll container. */
  scroll: HTMLElement | null;
  total: number;
  row: (index: number) => AnyRow | undefined;
  /** Renders cards, for phones. */
  narrow: boolean;
  selection: Record<string, boolean>;
  onToggle: (id: string) => void;
  onOpen: ((row: AnyRow) => void) | undefined;
  /** Starts editing a cell; absent if the user may not edit. */
  onEdit: ((row: AnyRow, field: string, at: HTMLElement) => void) | undefined;
  /** Reports the visible range of rows. */
  onView: (first: number, last: number) => void;
}

/** The visible rows of a virtualized list. A separate component, so that scrolling does not render the table. */
export function Rows({ scroll, total, row, narrow, onView, ...line }: Properties) {
  const isPrinting = usePrinting();
  const links = useListLinks();
  const virtual = useVirtualizer({
    count: total,
    getScrollElement: () => scroll,
    estimateSize: () => (narrow ? CARD_HEIGHT : ROW_HEIGHT),
    overscan: 4,
    rangeExtractor: (range) =>
      isPrinting
        ? Array.from({ length: Math.min(range.count, PAGE_SIZE) }, (_, index) => index)
        : defaultRangeExtractor(range),
    onChange: (instance) => {
      const items = instance.getVirtualItems();
      onView(items[0]?.index ?? 0, items.at(-1)?.index ?? 0);
    },
  });
  const items = virtual.getVirtualItems();
  // Fast scrolling, and each page that arrives, bring forty rows at once: too many for one frame.
  const filled = useFilled(items.flatMap(({ index }) => row(index)?.id ?? []));
  const shown = (index: number) => {
    const record = row(index);
    return record && (isPrinting || filled.has(record.id)) ? record : undefined;
  };
  const height = isPrinting ? undefined : virtual.getTotalSize();
  // In print, rows are in normal flow.
  const placeOf = (start: number) => (isPrinting ? 0 : start);
  const click = (event: MouseEvent<HTMLElement>) => {
    if (links.follow(event)) return;
    const cell = (event.target as HTMLElement).closest<HTMLElement>('[data-edit]');
    const record = cell && row(Number(cell.dataset.row));
    if (record) line.onEdit?.(record, cell.dataset.edit ?? '', cell);
  };
  if (narrow) {
    return (
      // biome-ignore lint/a11y/useKeyWithClickEvents: links fire click on keyboard activation
      <ul className={classes.body} style={{ height }} onClick={click} {...links.preloading}>
        {items.map(({ index, start, size }) => (
          <RowCard
            key={row(index)?.id ?? index}
            entity={line.entity}
            fields={line.fields}
            row={shown(index)}
            style={{ transform: `translateY(${placeOf(start)}px)`, height: size }}
            selected={Boolean(line.selection[row(index)?.id ?? ''])}
            onToggle={line.onToggle}
            onOpen={line.onOpen}
          />
        ))}
      </ul>
    );
  }
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: buttons fire click on keyboard activation
    <tbody className={classes.body} style={{ height }} onClick={click} {...links.preloading}>
      {items.map(({ index, start }) => {
        const record = shown(index);
        return record ? (
          <ListRow
            key={record.id}
            entity={line.entity}
            fields={line.fields}
            row={record}
            index={index}
            start={placeOf(start)}
            selected={Boolean(line.selection[record.id])}
            editable={line.onEdit !== undefined}
            onToggle={line.onToggle}
            onOpen={line.onOpen}
          />
        ) : (
          <Waiting key={index} start={placeOf(start)} />
        );
      })}
    </tbody>
  );
}

function Waiting({ start }: { start: number }) {
  return (
    <tr className={classes.row} style={{ transform: `translateY(${start}px)`, height: ROW_HEIGHT }}>
      <td className={classes.cell}>
        <span className={classes.waiting} />
      </td>
    </tr>
  );
}
