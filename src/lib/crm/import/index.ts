import { randomUUID } from 'node:crypto';
import type { PostgrestClient } from '@supabase/postgrest-js';
import { MarqueeError } from '@/lib/errors';
import { readCsv } from './csv';
import {
  IMPORT_ENTITIES,
  type ImportEntity,
  type ImportEntityName,
  type Mapping,
  suggestMapping,
} from './entities';
import { findDuplicates, References } from './lookups';
import { type ImportRow, type ReadOptions, readImportRow } from './rows';
import type { DateOrder } from './values';

export { writeCsv } from './csv';
export { IMPORT_ENTITIES, type ImportEntityName, type Mapping, suggestMapping } from './entities';

export class ImportError extends MarqueeError {}

export interface ImportOptions {
  entity: ImportEntityName;
  /** Guessed from the headers when left out. */
  mapping?: Mapping;
  dateOrder?: DateOrder;
  currency: string;
  /** What happens to a row that is there already. */
  duplicates?: 'skip' | 'update' | 'create';
}

export interface RowError {
  line: number;
  column: string;
  message: string;
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

export interface ImportResult {
  created: number;
  updated: number;
  skipped: number;
  /** Rows that were not imported, at most 1,000 of them. */
  errors: RowError[];
  failed: number;
  /** Ids of what was made, by table: what `undoImport` takes away. */
  made: Record<string, string[]>;
}

const PREVIEW_ROWS = 20;
/** Rows of one request: large enough that a round trip does not count, small enough for one error to be found again. */
const BATCH = 500;
const MAX_ERRORS = 1000;

type File = string | Buffer | NodeJS.ReadableStream;

/** Reads the first rows and says what an import would do with them; writes nothing. */
export async function previewImport(
  client: PostgrestClient,
  file: File,
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
 * Imports a file, batch by batch. A row with errors is reported and left out; the others are imported. A batch that the
 * database refuses is tried row by row, so that one bad row costs only itself.
 *
 * @param onProgress called at the beginning and after each batch with the rows read so far, and the result as it grows: where
 *   the import then fails, what it had made
 * @throws CsvError; ImportError `import_unmapped` when a required column has no header
 */
export async function runImport(
  client: PostgrestClient,
  file: File,
  options: ImportOptions,
  onProgress: (rows: number, soFar: ImportResult) => void = () => {},
): Promise<ImportResult> {
  const { entity, read } = prepare(options);
  const result: ImportResult = { created: 0, updated: 0, skipped: 0, errors: [], failed: 0, made: {} };
  const references = new References(client, entity, result.made);
  let batch: ImportRow[] = [];
  let count = 0;
  let readOptions: ReadOptions | undefined;
  onProgress(0, result);
  const flush = async () => {
    await writeBatch(client, entity, batch, options.duplicates ?? 'skip', references, result);
    count += batch.length;
    batch = [];
    onProgress(count, result);
  };
  for await (const row of readCsv(file)) {
    readOptions ??= expectMapped(entity, read(Object.keys(row.cells)));
    batch.push(readImportRow(row, entity, readOptions));
    if (batch.length === BATCH) await flush();
  }
  if (batch.length > 0) await flush();
  return result;
}

/**
 * Takes away what an import made, unless it has been changed or is used by something else since.
 *
 * @returns how many rows were taken away, and how many stay
 */
export async function undoImport(
  client: PostgrestClient,
  made: Record<string, string[]>,
): Promise<{ removed: number; kept: number }> {
  let removed = 0;
  let total = 0;
  // Last made first: events before the accounts they name, which stay as long as one of the events does.
  for (const [table, ids] of Object.entries(made).reverse()) {
    total += ids.length;
    if (total - ids.length > removed) continue;
    for (let at = 0; at < ids.length; at += 100) {
      removed += await removeRows(client, table, ids.slice(at, at + 100));
    }
  }
  return { removed, kept: total - removed };
}

async function removeRows(client: PostgrestClient, table: string, ids: string[]): Promise<number> {
  const { data, error } = await client.from(table).delete().in('id', ids).eq('version', 1).select('id');
  if (!error) return data.length;
  if (ids.length === 1) return 0;
  let removed = 0;
  for (const id of ids) removed += await removeRows(client, table, [id]);
  return removed;
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

async function writeBatch(
  client: PostgrestClient,
  entity: ImportEntity,
  rows: ImportRow[],
  policy: 'skip' | 'update' | 'create',
  references: References,
  result: ImportResult,
): Promise<void> {
  const report = (line: number, column: string, message: string) => {
    if (result.errors.length < MAX_ERRORS) result.errors.push({ line, column, message });
  };
  for (const row of rows.filter(({ errors }) => errors.length > 0)) {
    result.failed += 1;
    for (const { column, message } of row.errors) report(row.line, column, message);
  }
  const sound = await references.resolve(
    rows.filter(({ errors }) => errors.length === 0),
    (row, label, name) => {
      result.failed += 1;
      report(row.line, label, `There is no ${label.toLowerCase()} “${name}”.`);
    },
  );
  const duplicates =
    policy === 'create' ? new Map<number, string>() : await findDuplicates(client, entity, sound);
  const fresh = sound.filter((row) => !duplicates.has(row.line));
  if (policy === 'update') {
    for (const row of sound.filter(({ line }) => duplicates.has(line))) {
      const { error } = await client
        .from(entity.table)
        .update(row.values)
        .eq('id', duplicates.get(row.line) ?? '');
      if (error) {
        result.failed += 1;
        report(row.line, '', error.message);
      } else result.updated += 1;
    }
  } else result.skipped += duplicates.size;
  await insert(client, entity.table, fresh, result, report);
}

async function insert(
  client: PostgrestClient,
  table: string,
  rows: ImportRow[],
  result: ImportResult,
  report: (line: number, column: string, message: string) => void,
): Promise<void> {
  if (rows.length === 0) return;
  const ids = rows.map(() => randomUUID());
  const written = rows.map((row, index) => ({ ...row.values, id: ids[index] }));
  const { error } = await client.from(table).insert(written, { defaultToNull: false });
  if (!error) {
    result.created += rows.length;
    result.made[table] ??= [];
    result.made[table].push(...ids);
    return;
  }
  const [only] = rows;
  if (rows.length === 1 && only) {
    result.failed += 1;
    report(only.line, '', error.message);
    return;
  }
  const half = Math.ceil(rows.length / 2);
  await insert(client, table, rows.slice(0, half), result, report);
  await insert(client, table, rows.slice(half), result, report);
}
