import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type Format, formatOf, useFormat } from '../../../hooks/format';
import { type KeysetReading, positionOf } from '../../../hooks/records/paging';
import { readPage } from '../../../hooks/records/read-page';
import { unwrap } from '../../../hooks/request/database';
import { type Reading, request } from '../../../hooks/request/query';
import { saveCsv } from '../../../ui/save-file';
import { type AnyRow, aliasOf, type Entity, type Field, labelOf } from '../entity';

const ROWS_A_REQUEST = 1000;

/** Exports all rows of the current view as CSV. */
export function useExport(
  entity: Entity,
  reading: Reading | KeysetReading,
  visibility: Record<string, boolean>,
) {
  const { t } = useTranslation();
  const format = useFormat();
  const { mutate, isPending } = useMutation({
    mutationFn: async () => {
      const fields = entity.fields.filter((field) => visibility[field.name]);
      const lines = [fields.map((field) => t(`field.${field.name}`))];
      for await (const rows of pagesOf(entity, reading)) {
        for (const row of rows) lines.push(fields.map((field) => plain(row, field, format)));
      }
      await saveCsv(entity.table, lines);
    },
  });
  return { exportRows: () => mutate(), isPending };
}

async function* pagesOf({ table }: Entity, reading: Reading | KeysetReading): AsyncGenerator<AnyRow[]> {
  const { signal } = new AbortController();
  let rows: AnyRow[] = [];
  for (let from = 0; from === 0 || rows.length === ROWS_A_REQUEST; from += ROWS_A_REQUEST) {
    const last = rows.at(-1);
    rows = (
      'mayBeEmpty' in reading
        ? await readPage(
            table,
            reading,
            { after: last && positionOf(last, reading), most: ROWS_A_REQUEST },
            signal,
          )
        : unwrap(await request(table, reading, { range: { from, to: from + ROWS_A_REQUEST - 1 } }))
    ) as AnyRow[];
    yield rows;
  }
}

function plain(row: AnyRow, field: Field, format: Format): string {
  const value = row[field.name];
  if (value === null || value === undefined) return '';
  if (field.reference) return labelOf(row[aliasOf(field)], field.reference);
  return field.kind === 'money' ? String(Number(value) / formatOf(format, row).scale) : String(value);
}
