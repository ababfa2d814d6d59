import { useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useAddRecords, useDeleteRecord, useSaveRecord } from '../../hooks/changes';
import type { Row, TableName } from '../../hooks/query';
import { useRecords } from '../../hooks/records';

/** A line; the three tables of lines differ in the column that names their document. */
export type Line = Omit<Row<'quote_line_items'>, 'quote_id'>;

/** The document that lines belong to. */
export interface LineParent {
  table: 'opportunities' | 'quotes' | 'invoices';
  id: string;
}

const TABLES = {
  opportunities: { lines: 'opportunity_line_items', column: 'opportunity_id' },
  quotes: { lines: 'quote_line_items', column: 'quote_id' },
  invoices: { lines: 'invoice_line_items', column: 'invoice_id' },
} as const;

/** The lines of a document, and how they change; the totals of the document are read again after each change. */
export function useLines({ table, id }: LineParent) {
  const client = useQueryClient();
  const { lines: linesTable, column } = TABLES[table];
  const reading = useMemo(
    () => ({ filters: [[column, 'eq', id]] as const, order: [['sort_order', 'asc']] as const }),
    [column, id],
  );
  const { data, error, isPending } = useRecords<TableName, Line>(linesTable, reading);
  const saving = useSaveRecord<TableName>(linesTable);
  const adding = useAddRecords<TableName>(linesTable);
  const removing = useDeleteRecord<TableName>(linesTable);
  const onSettled = () => void client.invalidateQueries({ queryKey: ['records', table] });
  return {
    lines: data,
    error,
    isPending,
    save: (lineId: string, changes: Partial<Line>) =>
      saving.mutate({ id: lineId, changes: changes as never }, { onSettled }),
    add: (line: Partial<Line>) => {
      const last = Math.max(0, ...(data ?? []).map((one) => one.sort_order));
      adding.mutate([{ ...line, [column]: id, sort_order: last + 1 } as never], { onSettled });
    },
    remove: (lineId: string) => removing.mutate(lineId, { onSettled }),
  };
}
