import { Table } from '@mantine/core';
import type { ReactNode } from 'react';

export interface RowColumn<Row> {
  label: string;
  cell: (row: Row) => ReactNode;
  align?: 'right';
  /** Keeps its content on one line. */
  nowrap?: boolean;
  /** Holds sentences: the table scrolls before it becomes a column of single words. */
  isText?: boolean;
}

/** A table of what fits on a page; scrolls sideways where the screen is narrow. `DataTable` is for long lists. */
export function Rows<Row>({
  label,
  columns,
  rows,
  keyOf,
  empty,
}: {
  /** For screen readers. */
  label: string;
  columns: readonly RowColumn<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  empty: ReactNode;
}) {
  if (rows.length === 0) return empty;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled with the keyboard
    <section aria-label={label} tabIndex={0} style={{ overflowX: 'auto' }}>
      <Table aria-label={label} verticalSpacing={6} fz="sm">
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <Table.Th key={column.label} ta={column.align ?? 'left'} style={{ whiteSpace: 'nowrap' }}>
                {column.label}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={keyOf(row)}>
              {columns.map((column) => (
                <Table.Td
                  key={column.label}
                  ta={column.align ?? 'left'}
                  miw={column.isText ? 220 : undefined}
                  style={column.nowrap ? { whiteSpace: 'nowrap' } : undefined}
                >
                  {column.cell(row)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}
