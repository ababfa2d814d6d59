import type { TenantClient } from '@/lib/data-sources';
import type { DateColumn } from './columns';
import type { Mapping } from './entities';
import { reportKept, tryEvents } from './events';
import { type Match, Matcher } from './lookups';
import { type NameStyle, splitName } from './names';
import { batches, type ImportFile, type ImportOptions, prepare } from './prepare';
import { type ImportRow, readImportRow } from './rows';
import type { RowError, RowMatch } from './write';

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

const PREVIEW_ROWS = 20;
const PREVIEW_LISTED = 200;
/** Rows whose bookings are tried: they are really made, and taken back. */
const PREVIEW_BOOKED = 500;
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
    if (entity.isBooked && options.duplicates === 'update')
      await reportKept(client, existing(sound, matches));
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

/** The rows about records that are there already, with their ids; not those about a new row of the same file. */
function existing(rows: ImportRow[], matches: Map<number, Match>): { id: string; row: ImportRow }[] {
  return rows.flatMap((row) => {
    const match = matches.get(row.line);
    return match && (match.line === undefined || matches.has(match.line)) ? [{ id: match.id, row }] : [];
  });
}

/** Names that show how names are divided: those of more than two words or with a comma first. */
function surprising(texts: string[], style: NameStyle): ImportPreview['names'] {
  const length = (text: string) => text.split(/[\s,&]+/).length + (text.includes(',') ? 2 : 0);
  return texts
    .toSorted((a, b) => length(b) - length(a))
    .slice(0, 5)
    .map((text) => ({ text, ...splitName(text, style) }));
}
