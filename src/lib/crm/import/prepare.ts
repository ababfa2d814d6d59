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
import type { NameStyle } from './names';
import type { ReadOptions, readImportRow } from './rows';

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

/** Rows in one request: enough to make the round trip negligible, few enough to find a refused row quickly. */
const BATCH = 500;
/** Characters in one request: rows may have long notes, and several copies of a request are in memory. */
const BATCH_TEXT = 1_000_000;

type CsvRow = Parameters<typeof readImportRow>[0];

/** The rows of a file in batches of one request. */
export async function* batches<Row>(file: ImportFile, read: (row: CsvRow) => Row): AsyncGenerator<Row[]> {
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
export async function prepare(
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
