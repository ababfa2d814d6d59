import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import { type MouseEvent, useDeferredValue } from 'react';
import { usePrinting } from '../../hooks/printing';
import { PAGE_SIZE } from '../../hooks/query';
import type { AnyRow, Entity, Field } from '../entity';
import { ListRow, RowCard } from './ListRow';
import classes from './RecordTable.module.css';

const ROW_HEIGHT = 44;
const CARD_HEIGHT = 68;

interface Properties {
  entity: Entity;
  fields: readonly Field[];
  /** What scrolls. */
  scroll: HTMLElement | null;
  total: number;
  row: (index: number) => AnyRow | undefined;
  /** Cards, as on a phone. */
  narrow: boolean;
  selection: Record<string, boolean>;
  onToggle: (id: string) => void;
  onOpen: ((row: AnyRow) => void) | undefined;
  /** Changes a value where it stands; absent where the user may not. */
  onEdit: ((row: AnyRow, field: string, at: HTMLElement) => void) | undefined;
  /** The lines that are in view. */
  onView: (first: number, last: number) => void;
}

/** The lines of a list that are in view. Its own component, so that scrolling draws nothing else again. */
export function Rows({ scroll, total, row, narrow, onView, ...line }: Properties) {
  const isPrinting = usePrinting();
  const virtual = useVirtualizer({
    count: total,
    getScrollElement: () => scroll,
    estimateSize: () => (narrow ? CARD_HEIGHT : ROW_HEIGHT),
    overscan: 8,
    rangeExtractor: (range) =>
      isPrinting
        ? Array.from({ length: Math.min(range.count, PAGE_SIZE) }, (_, index) => index)
        : defaultRangeExtractor(range),
    onChange: (instance) => {
      const items = instance.getVirtualItems();
      onView(items[0]?.index ?? 0, items.at(-1)?.index ?? 0);
    },
  });
  // New lines are drawn in slices between frames: a fast wheel brings forty at once.
  const now = virtual.getVirtualItems();
  const later = useDeferredValue(now);
  const items = isPrinting ? now : later;
  const height = isPrinting ? undefined : virtual.getTotalSize();
  // On paper they stand one below the other by themselves.
  const placeOf = (start: number) => (isPrinting ? 0 : start);
  if (narrow) {
    return (
      <ul className={classes.body} style={{ height }}>
        {items.map(({ index, start, size }) => (
          <RowCard
            key={row(index)?.id ?? index}
            entity={line.entity}
            fields={line.fields}
            row={row(index)}
            style={{ transform: `translateY(${placeOf(start)}px)`, height: size }}
            selected={Boolean(line.selection[row(index)?.id ?? ''])}
            onToggle={line.onToggle}
            onOpen={line.onOpen}
          />
        ))}
      </ul>
    );
  }
  // One listener for all cells: lists have hundreds of them.
  const edit = (event: MouseEvent<HTMLElement>) => {
    const cell = (event.target as HTMLElement).closest<HTMLElement>('[data-edit]');
    const record = cell && row(Number(cell.dataset.row));
    if (record) line.onEdit?.(record, cell.dataset.edit ?? '', cell);
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the buttons inside are clicked by keyboard too
    <tbody className={classes.body} style={{ height }} onClick={edit}>
      {items.map(({ index, start }) => {
        const record = row(index);
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
