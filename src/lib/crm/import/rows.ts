import { randomUUID } from 'node:crypto';
import { fractionDigits } from '../money';
import type { CsvRow } from './csv';
import type { ImportEntity, ImportField, Mapping } from './entities';
import { CellError } from './errors';
import { type DateOrder, readBoolean, readChoice, readDate, readEmail, readMoney } from './values';

export interface ReadOptions {
  mapping: Mapping;
  dateOrder: DateOrder;
  /** ISO 4217: how many decimals money has. */
  currency: string;
}

/** One row of the file; with errors it is not imported. */
export interface ImportRow {
  line: number;
  /** Of the row that is made of it, if one is. */
  id: string;
  values: Record<string, unknown>;
  /** Names of rows in other tables, by column. */
  references: Record<string, string>;
  /** The row that it is linked with, where its entity has such a link. */
  linked?: string;
  errors: { column: string; message: string }[];
}

const MAX_TEXT = 100_000;

/** Reads a row's cells as the entity's columns; every error of the row at once. */
export function readImportRow(row: CsvRow, entity: ImportEntity, options: ReadOptions): ImportRow {
  const read: ImportRow = { line: row.line, id: randomUUID(), values: {}, references: {}, errors: [] };
  for (const field of entity.fields) {
    const header = Object.keys(options.mapping).find((one) => options.mapping[one] === field.column);
    const cell = header === undefined ? '' : (row.cells[header] ?? '');
    if (cell === '') {
      if (field.required) read.errors.push({ column: field.label, message: `${field.label} is empty.` });
      continue;
    }
    try {
      if (field.kind === 'reference') read.references[field.column] = cell;
      else read.values[field.column] = readCell(cell, field, options);
    } catch (error) {
      if (!(error instanceof CellError)) throw error;
      read.errors.push({ column: field.label, message: error.message });
    }
  }
  return read;
}

function readCell(cell: string, field: ImportField, { dateOrder, currency }: ReadOptions): unknown {
  switch (field.kind) {
    case 'date':
      return readDate(cell, dateOrder);
    case 'email':
      return readEmail(cell);
    case 'money':
      return readMoney(cell, fractionDigits(currency)).toString();
    case 'boolean':
      return readBoolean(cell);
    case 'choice':
      return readChoice(cell, field.choices ?? []);
    case 'number':
      return readWholeNumber(cell);
    default:
      if (cell.length > MAX_TEXT)
        throw new CellError('import_text_too_long', `The text is longer than ${MAX_TEXT} characters.`);
      // PostgreSQL's text cannot hold it.
      return cell.replaceAll('\u0000', '');
  }
}

function readWholeNumber(cell: string): number {
  const number = Number(cell.replace(/[\s,']/g, ''));
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new CellError('import_bad_number', `“${cell}” is not a whole number.`);
}
