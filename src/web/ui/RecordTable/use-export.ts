import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { unwrap } from '../../hooks/database';
import { type Format, useFormat } from '../../hooks/format';
import { type Reading, request } from '../../hooks/query';
import { type AnyRow, aliasOf, type Entity, type Field, labelOf } from '../entity';
import { saveCsv } from '../save-file';

const ROWS_A_REQUEST = 1000;

/** Exports all rows of the current view as CSV. */
export function useExport(entity: Entity, reading: Reading, visibility: Record<string, boolean>) {
  const { t } = useTranslation();
  const format = useFormat();
  const { mutate, isPending } = useMutation({
    mutationFn: async () => {
      const fields = entity.fields.filter((field) => visibility[field.name]);
      const lines = [fields.map((field) => t(`field.${field.name}`))];
      for (let from = 0; ; from += ROWS_A_REQUEST) {
        const answer = await request(entity.table, reading, { from, to: from + ROWS_A_REQUEST - 1 });
        const rows = unwrap(answer) as unknown as AnyRow[];
        for (const row of rows) lines.push(fields.map((field) => plain(row, field, format)));
        if (rows.length < ROWS_A_REQUEST) break;
      }
      await saveCsv(entity.table, lines);
    },
  });
  return { exportRows: () => mutate(), isPending };
}

function plain(row: AnyRow, field: Field, format: Format): string {
  const value = row[field.name];
  if (value === null || value === undefined) return '';
  if (field.reference) return labelOf(row[aliasOf(field)], field.reference);
  return field.kind === 'money' ? String(Number(value) / format.scale) : String(value);
}
