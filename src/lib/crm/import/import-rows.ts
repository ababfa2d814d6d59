import { randomUUID } from 'node:crypto';
import type { TenantClient } from '@/lib/data-sources';
import type { DateColumn } from './columns';
import type { ImportEntity } from './entities';
import { ImportError } from './errors';
import { type Making, Matcher, References } from './lookups';
import { batches, type ImportFile, type ImportOptions, prepare } from './prepare';
import { type ImportRow, type ReadOptions, readImportRow } from './rows';
import { BatchWriter, type ImportResult } from './write';

/** Callbacks of an import; it waits for each. */
export interface ImportObserver {
  /** Id of the import, for undoing it; a new one if left out. */
  id?: string;
  /** At the beginning and after each batch: the rows read so far, and the result as it grows. */
  progress?(rows: number, soFar: ImportResult): Promise<void>;
  /** Called before rows are written, with what `undoImport` will have to remove. */
  making?: Making;
}

/**
 * Imports a file in batches. Rows with errors are reported and left out; a field that cannot be read is reported, and its row
 * comes without it. A batch that the database refuses is divided, so that only the bad rows are left out.
 *
 * @throws CsvError; ImportError `import_unmapped` when a required column has no header, `import_ambiguous_dates` when dates of a
 *   column can be read either way and no order was chosen
 */
export async function importRows(
  client: TenantClient,
  file: ImportFile,
  options: ImportOptions,
  { id = randomUUID(), progress = async () => {}, making = async () => {} }: ImportObserver = {},
): Promise<ImportResult> {
  const result: ImportResult = {
    created: 0,
    updated: 0,
    skipped: 0,
    failed: 0,
    incomplete: 0,
    errors: [],
    matches: [],
  };
  await progress(0, result);
  const { entity, dates, read } = await prepare(client, file, options);
  expectMapped(entity, read);
  expectOrdered(dates);
  const references = new References(client, entity, making);
  const matcher = new Matcher(client, entity);
  const writer = new BatchWriter(client, entity, making, result, id);
  let count = 0;
  for await (const batch of batches(file, (row): ImportRow => readImportRow(row, entity, read))) {
    await writer.write(batch, options.duplicates ?? 'skip', references, matcher);
    count += batch.length;
    await progress(count, result);
  }
  return result;
}

function expectOrdered(dates: DateColumn[]): void {
  const open = dates.filter(({ order }) => order === undefined);
  if (open.length === 0) return;
  throw new ImportError(
    'import_ambiguous_dates',
    `Dates in ${open.map(({ header, example }) => `“${header}”${example ? ` (${example.text})` : ''}`).join(', ')} can be read in two ways.`,
    { hint: 'Choose whether the day or the month comes first.' },
  );
}

function expectMapped(entity: ImportEntity, read: ReadOptions): void {
  const mapped = new Set(Object.values(read.mapping));
  if (mapped.has('full_name') || mapped.has('last_name')) mapped.add('first_name');
  const missing = entity.fields.filter((field) => field.required && !mapped.has(field.column));
  if (missing.length === 0) return;
  throw new ImportError(
    'import_unmapped',
    `No column of the file is ${missing.map(({ label }) => label).join(', ')}.`,
    {
      hint: 'Choose which column of the file it is.',
    },
  );
}
