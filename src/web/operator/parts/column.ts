import type { ReactNode } from 'react';

/** A column of `DataTable`. */
export interface Column<Row> {
  key: string;
  label: string;
  /** CSS grid track: `2fr`, `120px`. */
  width: string;
  cell: (row: Row) => ReactNode;
  /** The list can be sorted by it; `key` is what the server calls it. */
  sortable?: boolean;
  align?: 'end';
  /** Left out on narrow screens. */
  wide?: boolean;
}
