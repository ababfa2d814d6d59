import { useMemo } from 'react';
import { useSettings } from '../../hooks/company/settings';
import { useAddRecords, useSaveRecord } from '../../hooks/records/changes';
import { useRecords } from '../../hooks/records/records';
import type { Row, TableName } from '../../hooks/request/query';
import { useRemove } from '../records/use-remove';

/** A line. The three line tables differ in the column that references the document; only quotes have optional lines. */
export type Line = Omit<Row<'quote_line_items'>, 'quote_id' | 'optional' | 'chosen'> &
  Partial<Pick<Row<'quote_line_items'>, 'optional' | 'chosen'>>;

/** The document that the lines belong to. */
export interface LineParent {
  table: 'opportunities' | 'quotes' | 'invoices';
  id: string;
}

const TABLES = {
  opportunities: { lines: 'opportunity_line_items', column: 'opportunity_id' },
  quotes: { lines: 'quote_line_items', column: 'quote_id' },
  invoices: { lines: 'invoice_line_items', column: 'invoice_id' },
} as const;

/** The table with the lines of a kind of document. */
export function tableOfLines(table: LineParent['table']) {
  return TABLES[table].lines;
}

/** Default tax rate of a new line, from the settings. */
export function useRate() {
  const { tax } = useSettings().settings;
  // The setting is a fraction; a line's rate is in percent.
  return (taxable: boolean) => ({ taxable, tax_rate: taxable ? tax.rate * 100 : 0 });
}

/** The lines of a document. */
function useReadLines({ table, id }: LineParent) {
  const { lines, column } = TABLES[table];
  const reading = useMemo(
    () => ({ filters: [[column, 'eq', id]] as const, order: [['sort_order', 'asc']] as const }),
    [column, id],
  );
  return useRecords<TableName, Line>(lines, reading);
}

/** Whether a document is known to have no line: then it cannot be sent. */
export function useIsEmpty(parent: LineParent): boolean {
  return useReadLines(parent).data?.length === 0;
}

/** The lines of a document and their mutations. Each change reloads the document's totals. */
export function useLines({ table, id }: LineParent) {
  const { lines: linesTable, column } = TABLES[table];
  const { data, error, isPending } = useReadLines({ table, id });
  const saving = useSaveRecord<TableName>(linesTable);
  const adding = useAddRecords<TableName>(linesTable);
  const { remove } = useRemove({ table: linesTable, leaf: true });
  return {
    lines: data,
    error,
    isPending,
    /** @throws (by the promise) Failure, already shown to the user */
    save: ({ id: lineId, name, version }: Line, changes: Partial<Line>) =>
      saving.mutateAsync({
        id: lineId,
        changes: changes as never,
        offline: {
          group: `${table}:${id}`,
          label: name,
          seen: data?.find((line) => line.id === lineId) ?? { id: lineId, version },
        },
      }),
    add: (added: readonly Partial<Line>[]) => {
      const last = Math.max(0, ...(data ?? []).map((one) => one.sort_order));
      adding.mutate(
        added.map((line, index) => ({ ...line, [column]: id, sort_order: last + 1 + index }) as never),
      );
    },
    remove: (lineId: string) => remove([lineId]),
  };
}
