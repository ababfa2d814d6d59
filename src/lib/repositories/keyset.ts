import { RepositoryError } from './errors';
import { valueText } from './filter';
import type { ColumnOf } from './table-types';

/** One column of a sort order. PostgreSQL's defaults: ascending, with nulls last; descending, with nulls first. */
export interface Sort<Row> {
  column: ColumnOf<Row>;
  direction?: 'asc' | 'desc';
  nulls?: 'first' | 'last';
}

/** A column of a total order: the id breaks ties. */
export interface SortColumn {
  column: string;
  ascending: boolean;
  nullsFirst: boolean;
}

export function completeSort<Row>(sort: readonly Sort<Row>[]): SortColumn[] {
  const columns = sort.map(({ column, direction = 'asc', nulls }) => ({
    column: column as string,
    ascending: direction === 'asc',
    nullsFirst: nulls ? nulls === 'first' : direction === 'desc',
  }));
  if (columns.some(({ column }) => column === 'id')) return columns;
  const ascending = columns.at(-1)?.ascending ?? true;
  return [...columns, { column: 'id', ascending, nullsFirst: !ascending }];
}

/** A cursor: the last row's values of the sort columns. Opaque to clients, but not a secret. */
export function writeCursor(sort: readonly SortColumn[], row: object): string {
  const values = row as Record<string, unknown>;
  const position = sort.map(({ column }) => values[column] ?? null);
  return Buffer.from(JSON.stringify([signature(sort), ...position])).toString('base64url');
}

/** @throws RepositoryError `cursor_invalid` when it is not one of this sort order */
export function readCursor(sort: readonly SortColumn[], cursor: string): unknown[] {
  const parsed = parse(Buffer.from(cursor, 'base64url').toString());
  if (Array.isArray(parsed) && parsed.length === sort.length + 1 && parsed[0] === signature(sort)) {
    return parsed.slice(1);
  }
  throw new RepositoryError('cursor_invalid', 'The cursor is not one of this list.', {
    hint: 'Begin with the first page; a cursor belongs to one sort order.',
  });
}

/**
 * The rows after a position in a sort order, as PostgREST's `or=(…)`: a later first column, or the same first and a later
 * second column, and so on. Nulls are placed as the order says.
 */
export function following(sort: readonly SortColumn[], position: readonly unknown[]): string {
  const [first, ...rest] = sort;
  if (!first) return '';
  const [value, ...remaining] = position;
  const alternatives = later(first, value);
  if (rest.length > 0) {
    const equal = value === null ? `${first.column}.is.null` : `${first.column}.eq.${quote(value)}`;
    alternatives.push(`and(${equal},or(${following(rest, remaining)}))`);
  }
  // Nothing follows nulls that are last: a condition that matches no row.
  return alternatives.length > 0
    ? alternatives.join(',')
    : `and(${first.column}.is.null,${first.column}.not.is.null)`;
}

function later({ column, ascending, nullsFirst }: SortColumn, value: unknown): string[] {
  if (value === null) return nullsFirst ? [`${column}.not.is.null`] : [];
  const beyond = `${column}.${ascending ? 'gt' : 'lt'}.${quote(value)}`;
  return nullsFirst ? [beyond] : [beyond, `${column}.is.null`];
}

/** A value inside PostgREST's logic tree, where commas and parentheses are grammar. */
function quote(value: unknown): string {
  return `"${String(valueText(value)).replace(/["\\]/g, '\\$&')}"`;
}

function signature(sort: readonly SortColumn[]): string {
  return sort
    .map(({ column, ascending, nullsFirst }) => `${column}${ascending ? '+' : '-'}${nullsFirst ? 'f' : 'l'}`)
    .join();
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
