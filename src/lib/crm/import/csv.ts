import { Readable } from 'node:stream';
import { parse } from 'csv-parse';
import { withoutGuard } from '@/lib/csv';
import { CsvError } from './errors';

/** One row: its line in the file (the header is line 1) and its cells by header. */
export interface CsvRow {
  line: number;
  cells: Record<string, string>;
}

/** A text, or its pieces. */
export type CsvText = string | AsyncIterable<string>;

const DELIMITERS = [',', ';', '\t', '|'];
/** A longer cell means unbalanced quotes in the file. */
const MAX_CELL_BYTES = 1_000_000;
/** A limit on columns, since each row becomes an object with a property for each. */
const MAX_COLUMNS = 500;

/**
 * Reads a CSV file row by row, never whole: the delimiter is found from the header, a byte order mark is dropped,
 * empty lines are skipped, missing cells are empty.
 *
 * @throws CsvError `csv_no_header`, `csv_too_wide`, `csv_duplicate_header`, `csv_malformed`
 */
export async function* readCsv(file: CsvText): AsyncGenerator<CsvRow> {
  const source: AsyncIterable<string> = typeof file === 'string' ? Readable.from([file]) : file;
  const chunks = source[Symbol.asyncIterator]();
  const { start, separator, skipped } = separatorLine(String((await chunks.next()).value ?? ''));
  const parser = parse({
    bom: true,
    cast: withoutGuard,
    columns: uniqueHeader,
    delimiter: separator ?? headerDelimiter(start),
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
    max_record_size: MAX_CELL_BYTES,
  });
  const text = Readable.from(concatenate(start, chunks)).on('error', (error) => parser.destroy(error));
  text.pipe(parser);
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: Record<string, string>;
      info: { lines: number };
    }>) {
      if (Object.values(record).some((cell) => cell !== ''))
        yield { line: info.lines + skipped, cells: record };
    }
  } catch (cause) {
    if (cause instanceof CsvError) throw cause;
    throw new CsvError(
      'csv_malformed',
      `The file cannot be read as CSV: ${cause instanceof Error ? cause.message : cause}`,
      {
        hint: 'Export it again as CSV in UTF-8.',
        cause,
      },
    );
  } finally {
    text.destroy();
  }
}

/** Excel says in a first line of its own which separator follows: `sep=;`. */
function separatorLine(text: string): { start: string; separator?: string; skipped: number } {
  const [line = '', separator = ''] = /^\uFEFF?sep=(.)\r?\n/i.exec(text) ?? [];
  return line === ''
    ? { start: text, skipped: 0 }
    : { start: text.slice(line.length), separator, skipped: 1 };
}

/** The delimiter that occurs most often in the header, outside quotes. Empty lines may stand before it. */
function headerDelimiter(start: string): string {
  const header = (/[^\r\n\uFEFF]+/.exec(start.replace(/"[^"]*"/g, '')) ?? [''])[0];
  const occurrences = (delimiter: string) => header.split(delimiter).length;
  return DELIMITERS.toSorted((a, b) => occurrences(b) - occurrences(a))[0] ?? ',';
}

async function* concatenate<T>(first: T, rest: AsyncIterator<T>): AsyncGenerator<T> {
  yield first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

function uniqueHeader(header: string[]): string[] {
  const names = header.map((name) => name.trim());
  if (names.every((name) => name === ''))
    throw new CsvError('csv_no_header', 'The first line names no column.');
  if (names.length > MAX_COLUMNS) {
    throw new CsvError('csv_too_wide', `The file has ${names.length} columns; ${MAX_COLUMNS} can be read.`, {
      hint: 'Leave out the columns that are not imported.',
    });
  }
  const twice = names.find((name, index) => name !== '' && names.indexOf(name) !== index);
  if (twice)
    throw new CsvError('csv_duplicate_header', `Two columns are called “${twice}”.`, {
      hint: 'Rename one of them.',
    });
  return names;
}
