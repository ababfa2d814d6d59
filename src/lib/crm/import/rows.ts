import { randomUUID } from 'node:crypto';
import { fractionDigits } from '@/lib/money';
import { type CountryCode, normalizePhone } from '@/lib/phone';
import { type Booking, bookingOf } from './bookings';
import type { CsvRow } from './csv';
import { type DateOrder, readDate } from './dates';
import type { BookingField, ImportEntity, ImportField, Mapping } from './entities';
import { CellError } from './errors';
import { type NameStyle, splitName } from './names';
import { isTime, readInstant, readTimes, timeBehind } from './times';
import { readBoolean, readChoice, readEmail, readMoney } from './values';

export interface ReadOptions {
  mapping: Mapping;
  /** Order of day and month, by date column's header. */
  dateOrders: Record<string, DateOrder>;
  nameStyle: NameStyle;
  /** ISO 4217: how many decimals money has. */
  currency: string;
  /** Country of phone numbers without a country code. */
  country: CountryCode;
  /** The company's, for instants: IANA name. */
  timezone: string;
}

/** A finding about one cell. */
export interface CellReport {
  column: string;
  message: string;
}

/** One row of the file; with errors it is not imported. */
export interface ImportRow {
  line: number;
  /** Id of the record that is made of the row, if one is. */
  id: string;
  values: Record<string, unknown>;
  /** Names of rows in other tables, by column. */
  references: Record<string, string>;
  /** What is booked with it, as the cells say. */
  asked: Partial<Record<BookingField, string>>;
  /** The same in dates, where its entity has dates. */
  booking?: Booking;
  /** The row that it is linked with, where its entity has such a link. */
  linked?: string;
  errors: CellReport[];
  /** Fields that could not be read; the row is imported without them. */
  leftOut: CellReport[];
}

type Cell = readonly [header: string, text: string];

const MAX_TEXT = 100_000;
/** Texts that stand for an empty cell. */
const NOTHING = /^(n\s*\/\s*a|n\.a\.|none|null|nil|-+|–|—|\?+|unknown|keine?|0\/0\/0+)$/i;

/** Reads a row's cells as the entity's columns; everything that is wrong with the row at once. */
export function readImportRow(row: CsvRow, entity: ImportEntity, options: ReadOptions): ImportRow {
  const read: ImportRow = {
    line: row.line,
    id: randomUUID(),
    values: {},
    references: {},
    asked: {},
    errors: [],
    leftOut: [],
  };
  const byColumn = Map.groupBy(
    Object.entries(options.mapping).map(([header, column]) => ({ column, header })),
    ({ column }) => column,
  );
  const cellsOf = ({ column }: ImportField): Cell[] =>
    (byColumn.get(column) ?? [])
      .map(({ header }) => [header, row.cells[header] ?? ''] as const)
      .filter(([, text]) => text.trim() !== '');
  const currency = currencyOf(entity, cellsOf, options);
  for (const field of entity.fields) readField(read, field, cellsOf(field), { ...options, currency });
  if (currency !== options.currency) refuseMoney(read, entity, currency, options.currency);
  keepOthers(read, entity, cellsOf, options);
  nameBySurname(read);
  if (entity.isBooked)
    read.booking = bookingOf(read.values, read.asked, (column, message) =>
      read.leftOut.push({ column, message }),
    );
  const missing = entity.fields.filter(
    ({ required, column }) =>
      required && read.values[column] === undefined && read.references[column] === undefined,
  );
  for (const { label } of missing) read.errors.push({ column: label, message: `${label} is empty.` });
  return read;
}

function readField(read: ImportRow, field: ImportField, cells: readonly Cell[], options: ReadOptions): void {
  const used =
    field.kind === 'text' ? cells : cells.filter(([, text]) => field.required || !NOTHING.test(text.trim()));
  const [first] = used;
  if (!first || field.kind === 'currency') return;
  if (field.several === 'lines') {
    const lines = used.length === 1 ? [first[1]] : used.map(([header, text]) => `${header}: ${text}`);
    orLeaveOut(read, field, () => {
      read.values[field.column] = textOf(lines.join('\n'));
    });
    return;
  }
  for (const [header, text] of used) {
    const isRead = orLeaveOut(read, field, () => {
      if (field.kind === 'person') Object.assign(read.values, splitName(textOf(text), options.nameStyle));
      else if (field.kind === 'reference') read.references[field.column] = textOf(text).trim();
      else if (field.kind === 'time') readClock(read, field, text);
      else if (field.kind === 'date' && field.time) readDay(read, field, field.time, header, text, options);
      else if (field.kind === 'booth') read.asked.booth_id = textOf(text);
      else read.values[field.column] = readCell(text, field, header, options);
    });
    if (isRead) return;
  }
}

/** A day with its time of day, if it has one; or a time alone. A time in a column of its own takes precedence. */
function readDay(
  read: ImportRow,
  field: ImportField,
  time: BookingField,
  header: string,
  text: string,
  options: ReadOptions,
): void {
  const instant = readInstant(text, options.timezone);
  if (instant) {
    read.values[field.column] = instant.date;
    read.asked[time] = instant.time;
  } else if (isTime(text)) {
    read.asked[time] = readTimes(text).start;
  } else {
    read.values[field.column] = readCell(text, field, header, options);
    const behind = timeBehind(text);
    if (behind) read.asked[time] = behind;
  }
}

function readClock(read: ImportRow, { column }: ImportField, text: string): void {
  const { start, end } = readTimes(text);
  read.asked[column as BookingField] = start;
  if (end) read.asked.end_time = end;
}

/** Whether the cell could be read; otherwise it is reported, and the row comes without it. */
function orLeaveOut(read: ImportRow, field: ImportField, work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (!(error instanceof CellError)) throw error;
    read.leftOut.push({ column: field.label, message: error.message });
    return false;
  }
}

function readCell(cell: string, field: ImportField, header: string, options: ReadOptions): unknown {
  switch (field.kind) {
    case 'date':
      return readDate(cell, options.dateOrders[header] ?? 'month-first', field.isPast);
    case 'email':
      return readEmail(cell);
    case 'phone': {
      // Google Contacts puts several numbers into one cell.
      const [first = cell] = textOf(cell).split(' ::: ');
      return normalizePhone(first, options.country) ?? first.trim();
    }
    case 'money':
      return readMoney(cell, fractionDigits(options.currency)).toString();
    case 'boolean':
      return readBoolean(cell);
    case 'choice':
      return readChoice(cell, field.choices ?? []);
    case 'number':
      return readWholeNumber(cell);
    default:
      return textOf(cell);
  }
}

function textOf(cell: string): string {
  if (cell.length > MAX_TEXT)
    throw new CellError('import_text_too_long', `The text is longer than ${MAX_TEXT} characters.`);
  // PostgreSQL's text cannot hold it.
  return cell.replaceAll('\u0000', '');
}

function readWholeNumber(cell: string): number {
  const number = Number(cell.replace(/[\s,']/g, '').replace(/\.0+$/, ''));
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new CellError('import_bad_number', `“${cell}” is not a whole number.`);
}

/** The currency that the row itself names, else the company's. */
function currencyOf(
  entity: ImportEntity,
  cellsOf: (field: ImportField) => readonly Cell[],
  { currency }: ReadOptions,
): string {
  const field = entity.fields.find(({ kind }) => kind === 'currency');
  const named = field && cellsOf(field)[0]?.[1].trim().toUpperCase();
  return named && /^[A-Z]{3}$/.test(named) ? named : currency;
}

/** Amounts of these tables are in the company's currency. */
function refuseMoney(read: ImportRow, entity: ImportEntity, currency: string, companys: string): void {
  for (const { column, label, kind } of entity.fields) {
    if (kind !== 'money' || read.values[column] === undefined) continue;
    delete read.values[column];
    read.leftOut.push({ column: label, message: `The amount is in ${currency}, not in ${companys}.` });
  }
}

/** Further phone numbers and addresses go into the notes, so that none is lost. */
function keepOthers(
  read: ImportRow,
  entity: ImportEntity,
  cellsOf: (field: ImportField) => readonly Cell[],
  { country }: ReadOptions,
): void {
  const notes = entity.fields.find(({ several }) => several === 'lines')?.column;
  if (!notes) return;
  const lines = entity.fields
    .filter(({ kind }) => kind === 'phone' || kind === 'email')
    .flatMap((field) => {
      const same = (text: string) =>
        (field.kind === 'phone' ? (normalizePhone(text, country) ?? text) : text).trim().toLowerCase();
      const seen = new Set([String(read.values[field.column] ?? '').toLowerCase()]);
      return cellsOf(field).filter(([, text]) => {
        const isNew = !NOTHING.test(text.trim()) && !seen.has(same(text));
        seen.add(same(text));
        return isNew && /[\d@]/.test(text) && cellsOf(field).length > 1;
      });
    })
    .map(([header, text]) => `${header}: ${text}`);
  if (lines.length > 0) read.values[notes] = [read.values[notes], ...lines].filter(Boolean).join('\n');
}

/** A person with a last name only is known by it. */
function nameBySurname({ values }: ImportRow): void {
  if (values.first_name !== undefined || typeof values.last_name !== 'string') return;
  values.first_name = values.last_name;
  delete values.last_name;
}
