import { randomUUID } from 'node:crypto';
import type { TenantClient } from '@/lib/data-sources';
import { countryOf } from '@/lib/phone';
import { loadSettings } from '../settings/load';
import { ColumnReader, type DateColumn } from './columns';
import { type CsvText, readCsv } from './csv';
import type { DateOrder } from './dates';
import {
  IMPORT_ENTITIES,
  type ImportEntity,
  type ImportEntityName,
  type Mapping,
  suggestMapping,
} from './entities';
import { ImportError } from './errors';
import { tryEvents } from './events';
import { type Making, Matcher, References } from './lookups';
import { type NameStyle, splitName } from './names';
import { type ImportRow, type ReadOptions, readImportRow } from './rows';
import { BatchWriter, type ImportResult, type RowError, type RowMatch } from './write';

export { ImportError };

export interface ImportOptions {
  entity: ImportEntityName;
  /** Guessed from the headers when left out. */
  mapping?: Mapping;
  /** Order of day and month by date column's header, instead of what the file's dates suggest. */
  dateOrders?: Record<string, DateOrder>;
  /** Order of day and month in columns whose dates can be read either way. */
  dateOrder?: DateOrder;
  /** How full names are divided. */
  nameStyle?: NameStyle;
  currency: string;
  /** What to do with rows that exist already. */
  duplicates?: 'skip' | 'update' | 'create';
}

/** A file that can be read from its beginning several times. */
export type ImportFile = string | (() => CsvText);

export interface ImportPreview {
  headers: string[];
  mapping: Mapping;
  fields: { column: string; label: string; required: boolean; several: boolean }[];
  /** How many rows the file has. */
  total: number;
  /** Each date column, and in which order its dates are read. */
  dates: DateColumn[];
  /** How full names of the first rows are divided. */
  names: { text: string; first_name: string; last_name?: string }[];
  /** Rows that cannot be imported, and rows that come without a field. */
  failed: number;
  incomplete: number;
  /** What could not be read, at most 200 of it. */
  problems: RowError[];
  /** How many rows were there already; the first 200 of them. */
  duplicates: number;
  matches: RowMatch[];
  /** The first rows as they would be written. */
  rows: {
    line: number;
    values: Record<string, unknown>;
    errors: RowError[];
    duplicate: boolean;
  }[];
}

/** Callbacks of an import; it waits for each. */
export interface ImportObserver {
  /** Id of the import, for undoing it; a new one if left out. */
  id?: string;
  /** At the beginning and after each batch: the rows read so far, and the result as it grows. */
  progress?(rows: number, soFar: ImportResult): Promise<void>;
  /** Called before rows are written, with what `undoImport` will have to remove. */
  making?: Making;
}

const PREVIEW_ROWS = 20;
const PREVIEW_LISTED = 200;
/** Rows whose bookings are tried: they are really made, and taken back. */
const PREVIEW_BOOKED = 500;
/** Rows in one request: enough to make the round trip negligible, few enough to find a refused row quickly. */
const BATCH = 500;
/** Characters in one request: rows may have long notes, and several copies of a request are in memory. */
const BATCH_TEXT = 1_000_000;

/** Reads the whole file and previews its import; writes nothing. */
export async function previewImport(
  client: TenantClient,
  file: ImportFile,
  options: ImportOptions,
): Promise<ImportPreview> {
  const { entity, headers, dates, read } = await prepare(client, file, options);
  const matcher = new Matcher(client, entity);
  const preview: ImportPreview = {
    headers,
    mapping: read.mapping,
    fields: entity.fields.map(({ column, label, required, several }) => ({
      column,
      label,
      required: required === true,
      several: several !== undefined,
    })),
    total: 0,
    dates,
    names: [],
    failed: 0,
    incomplete: 0,
    problems: [],
    duplicates: 0,
    matches: [],
    rows: [],
  };
  const fullNames = Object.keys(read.mapping).filter((header) => read.mapping[header] === 'full_name');
  let booked = 0;
  for await (const batch of batches(file, (row) => row)) {
    const rows = batch.map((row) => readImportRow(row, entity, read));
    const sound = rows.filter(({ errors }) => errors.length === 0);
    const matches = options.duplicates === 'create' ? new Map() : await matcher.find(sound);
    const booking = sound
      .filter((row) => row.booking?.booth && !matches.has(row.line))
      .slice(0, PREVIEW_BOOKED - booked);
    booked += booking.length;
    await tryEvents(client, booking);
    preview.total += rows.length;
    preview.duplicates += matches.size;
    for (const row of rows) {
      const { line } = row;
      if (row.errors.length > 0) preview.failed += 1;
      else if (row.leftOut.length > 0) preview.incomplete += 1;
      const problems = [
        ...row.errors.map((report) => ({ line, ...report })),
        ...row.leftOut.map((report) => ({ line, ...report, kept: true })),
      ];
      if (preview.problems.length < PREVIEW_LISTED) preview.problems.push(...problems);
      const match = matches.get(line);
      if (match && preview.matches.length < PREVIEW_LISTED) {
        const { line: sameAs, ...rest } = match;
        preview.matches.push({ ...rest, line, ...(sameAs === undefined ? {} : { sameAs }) });
      }
      if (preview.rows.length === PREVIEW_ROWS) continue;
      preview.rows.push({
        line,
        values: { ...row.values, ...row.references, ...row.asked },
        errors: problems,
        duplicate: match !== undefined,
      });
    }
    if (preview.names.length < PREVIEW_ROWS) {
      const texts = batch.flatMap(({ cells }) => fullNames.map((header) => cells[header] ?? ''));
      preview.names.push(...surprising(texts.filter(Boolean), read.nameStyle));
    }
  }
  return preview;
}

/**
 * Imports a file in batches. Rows with errors are reported and left out; a field that cannot be read is reported, and its row
 * comes without it. A batch that the database refuses is divided, so that only the bad rows are left out.
 *
 * @throws CsvError; ImportError `import_unmapped` when a required column has no header, `import_ambiguous_dates` when dates of a
 *   column can be read either way and no order was chosen
 */
export async function runImport(
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

type CsvRow = Parameters<typeof readImportRow>[0];

async function* batches<Row>(file: ImportFile, read: (row: CsvRow) => Row): AsyncGenerator<Row[]> {
  let batch: Row[] = [];
  let text = 0;
  for await (const row of readCsv(textOf(file))) {
    batch.push(read(row));
    for (const cell of Object.values(row.cells)) text += cell.length;
    if (batch.length < BATCH && text <= BATCH_TEXT) continue;
    yield batch;
    batch = [];
    text = 0;
  }
  if (batch.length > 0) yield batch;
}

const textOf = (file: ImportFile): CsvText => (typeof file === 'string' ? file : file());

/** Reads the file's columns once, to decide how the cells are read. */
async function prepare(
  client: TenantClient,
  file: ImportFile,
  options: ImportOptions,
): Promise<{ entity: ImportEntity; headers: string[]; dates: DateColumn[]; read: ReadOptions }> {
  const entity: ImportEntity = IMPORT_ENTITIES[options.entity];
  const { locale, timezone } = await loadSettings(client, ['locale', 'timezone']);
  let headers: string[] = [];
  let mapping: Mapping = options.mapping ?? {};
  let columns: ColumnReader | undefined;
  for await (const row of readCsv(textOf(file))) {
    if (!columns) {
      headers = Object.keys(row.cells);
      mapping = options.mapping ?? suggestMapping(headers, entity);
      columns = new ColumnReader(entity, mapping, options.dateOrders ?? {});
    }
    if (!columns.isNeeded) break;
    columns.see(row);
  }
  const dates = columns?.dates(options.dateOrder) ?? [];
  return {
    entity,
    headers,
    dates,
    read: {
      mapping,
      dateOrders: Object.fromEntries(
        dates.flatMap(({ header, order }) => (order ? [[header, order] as const] : [])),
      ),
      nameStyle: options.nameStyle ?? 'first-last',
      currency: options.currency,
      country: countryOf(locale),
      timezone,
    },
  };
}

/** Names that show how names are divided: those of more than two words or with a comma first. */
function surprising(texts: string[], style: NameStyle): ImportPreview['names'] {
  const length = (text: string) => text.split(/[\s,&]+/).length + (text.includes(',') ? 2 : 0);
  return texts
    .toSorted((a, b) => length(b) - length(a))
    .slice(0, 5)
    .map((text) => ({ text, ...splitName(text, style) }));
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
