import type { TenantClient } from '@/lib/data-sources';
import { type CsvText, readCsv } from './csv';
import {
  IMPORT_ENTITIES,
  type ImportEntity,
  type ImportEntityName,
  type Mapping,
  suggestMapping,
} from './entities';
import { ImportError } from './errors';
import { findDuplicates, type Making, References } from './lookups';
import { type ImportRow, type ReadOptions, readImportRow } from './rows';
import type { DateOrder } from './values';
import { BatchWriter, type ImportResult } from './write';

export { ImportError };

export interface ImportOptions {
  entity: ImportEntityName;
  /** Guessed from the headers when left out. */
  mapping?: Mapping;
  dateOrder?: DateOrder;
  currency: string;
  /** What to do with rows that exist already. */
  duplicates?: 'skip' | 'update' | 'create';
}

export interface ImportPreview {
  headers: string[];
  mapping: Mapping;
  fields: { column: string; label: string; required: boolean }[];
  /** The first rows as they would be written. */
  rows: {
    line: number;
    values: Record<string, unknown>;
    errors: { column: string; message: string }[];
    duplicate: boolean;
  }[];
}

/** Callbacks of an import; it waits for each. */
export interface ImportObserver {
  /** At the beginning and after each batch: the rows read so far, and the result as it grows. */
  progress?(rows: number, soFar: ImportResult): Promise<void>;
  /** Called before rows are written, with what `undoImport` will have to remove. */
  making?: Making;
}

const PREVIEW_ROWS = 20;
/** Rows in one request: enough to make the round trip negligible, few enough to find a refused row quickly. */
const BATCH = 500;
/** Characters in one request: rows may have long notes, and several copies of a request are in memory. */
const BATCH_TEXT = 1_000_000;

/** Reads the first rows and previews their import; writes nothing. */
export async function previewImport(
  client: TenantClient,
  file: CsvText,
  options: ImportOptions,
): Promise<ImportPreview> {
  const { entity, read } = prepare(options);
  const rows: ImportRow[] = [];
  let headers: string[] = [];
  for await (const row of readCsv(file)) {
    if (rows.length === 0) headers = Object.keys(row.cells);
    rows.push(readImportRow(row, entity, read(headers)));
    if (rows.length === PREVIEW_ROWS) break;
  }
  const duplicates = await findDuplicates(client, entity, rows);
  return {
    headers,
    mapping: read(headers).mapping,
    fields: entity.fields.map((field) => ({
      column: field.column,
      label: field.label,
      required: 'required' in field && field.required === true,
    })),
    rows: rows.map((row) => ({
      line: row.line,
      values: { ...row.values, ...row.references },
      errors: row.errors,
      duplicate: duplicates.has(row.line),
    })),
  };
}

/**
 * Imports a file in batches. Rows with errors are reported and left out. A batch that the database refuses is divided, so
 * that only the bad rows are left out.
 *
 * @throws CsvError; ImportError `import_unmapped` when a required column has no header
 */
export async function runImport(
  client: TenantClient,
  file: CsvText,
  options: ImportOptions,
  { progress = async () => {}, making = async () => {} }: ImportObserver = {},
): Promise<ImportResult> {
  const { entity, read } = prepare(options);
  const result: ImportResult = { created: 0, updated: 0, skipped: 0, errors: [], failed: 0 };
  const references = new References(client, entity, making);
  let batch: ImportRow[] = [];
  let count = 0;
  let text = 0;
  let readOptions: ReadOptions | undefined;
  await progress(0, result);
  const flush = async () => {
    const writer = new BatchWriter(client, entity, making, result);
    await writer.write(batch, options.duplicates ?? 'skip', references);
    count += batch.length;
    batch = [];
    text = 0;
    await progress(count, result);
  };
  for await (const row of readCsv(file)) {
    readOptions ??= expectMapped(entity, read(Object.keys(row.cells)));
    batch.push(readImportRow(row, entity, readOptions));
    for (const cell of Object.values(row.cells)) text += cell.length;
    if (batch.length === BATCH || text > BATCH_TEXT) await flush();
  }
  if (batch.length > 0) await flush();
  return result;
}

function prepare(options: ImportOptions): { entity: ImportEntity; read(headers: string[]): ReadOptions } {
  const entity: ImportEntity = IMPORT_ENTITIES[options.entity];
  return {
    entity,
    read: (headers) => ({
      mapping: options.mapping ?? suggestMapping(headers, entity),
      dateOrder: options.dateOrder ?? 'day-first',
      currency: options.currency,
    }),
  };
}

function expectMapped(entity: ImportEntity, read: ReadOptions): ReadOptions {
  const mapped = new Set(Object.values(read.mapping));
  const missing = entity.fields.filter((field) => field.required && !mapped.has(field.column));
  if (missing.length === 0) return read;
  throw new ImportError(
    'import_unmapped',
    `No column of the file is ${missing.map(({ label }) => label).join(', ')}.`,
    {
      hint: 'Choose which column of the file it is.',
    },
  );
}
