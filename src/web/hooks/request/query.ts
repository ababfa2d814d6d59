import type { Database } from '@/lib/tenant-data/types';
import { database, unwrap } from './database';
import { searchCondition } from './typed-text';

export type TableName = keyof Database['public']['Tables'];
export type Row<Name extends TableName> = Database['public']['Tables'][Name]['Row'];
export type Changes<Name extends TableName> = Database['public']['Tables'][Name]['Update'];

export type Operator = 'eq' | 'neq' | 'gt' | 'gte' | 'lt' | 'lte' | 'in' | 'is' | 'not.is' | 'ov';
export type FilterValue = string | number | boolean | null | readonly (string | number)[];
export type Filter = readonly [column: string, operator: Operator, value: FilterValue];
export type Order = readonly [column: string, direction: 'asc' | 'desc'];

/** Description of a query on a table. Part of the query key, so it holds plain data only. */
export interface Reading {
  /** Columns and embedded tables, in PostgREST's `select` syntax. */
  select?: string;
  filters?: readonly Filter[];
  /** Search filter: words, and the columns searched for them. */
  search?: { words: string; columns: readonly string[] };
  order?: readonly Order[];
  /** Rows without a value stand where an index has them: last ascending, first descending. Otherwise they are always last. */
  indexed?: boolean;
  /** A further condition, in PostgREST's grammar: one of these. */
  or?: string;
  limit?: number;
}

/** Which rows of a query are read, and whether all of them are counted. */
export interface Extent {
  /** First and last row. */
  range?: { from: number; to: number };
  /** `estimated`: exact up to some thousands. */
  count?: 'exact' | 'estimated';
  /** The count only. */
  head?: boolean;
}

export const PAGE_SIZE = 100;

/** Tables that grow with the company: the words are looked up in the search index (`found_accounts`, …). */
const SEARCHED = [
  'accounts',
  'contacts',
  'leads',
  'opportunities',
  'events',
  'quotes',
  'invoices',
  'tasks',
  'locations',
  'equipment_items',
] as const;

function isSearched(table: TableName, search: Reading['search']): table is (typeof SEARCHED)[number] {
  return (SEARCHED as readonly TableName[]).includes(table) && Boolean(search?.words.trim());
}

/** Builds the request for a query. */
export function request(table: TableName, reading: Reading, { range, count, head = false }: Extent = {}) {
  const extent = { head, ...(count && { count }) };
  let query = isSearched(table, reading.search)
    ? database
        .rpc(`found_${table}`, { words: reading.search?.words ?? '' }, { get: true, ...extent })
        .select(reading.select ?? '*')
    : database.from(table).select(reading.select ?? '*', extent);
  for (const [column, operator, value] of reading.filters ?? []) {
    if (operator === 'in') query = query.in(column, value as readonly (string | number)[]);
    else if (operator === 'is') query = query.is(column, value as boolean | null);
    else if (operator === 'not.is') query = query.not(column, 'is', value);
    else query = query.filter(column, operator, value);
  }
  const condition =
    reading.search && !isSearched(table, reading.search) ? searchCondition(reading.search) : undefined;
  if (condition) query = query.or(condition);
  if (reading.or) query = query.or(reading.or);
  for (const [column, direction] of reading.order ?? []) {
    const isDescending = direction === 'desc';
    query = query.order(column, {
      ascending: !isDescending,
      nullsFirst: reading.indexed === true && isDescending,
    });
  }
  if (range) query = query.range(range.from, range.to);
  else if (reading.limit) query = query.limit(reading.limit);
  return query;
}

/** How many rows match the conditions of a query. */
export async function countOf(
  table: TableName,
  { filters = [], or, search }: Reading,
  count: 'exact' | 'estimated',
  signal: AbortSignal,
): Promise<number> {
  const matching = { select: 'id', filters, ...(or && { or }), ...(search && { search }) };
  const extent = { count, head: true, range: { from: 0, to: 0 } };
  const answer = await request(table, matching, extent).abortSignal(signal);
  unwrap(answer);
  return answer.count ?? 0;
}

/** Query keys. They begin with the table name, so that a change can invalidate its queries. */
export const keys = {
  list: (table: TableName, reading: Reading) => ['records', table, 'list', reading] as const,
  page: (table: TableName, reading: Reading, page: number) =>
    ['records', table, 'page', reading, page] as const,
  count: (table: TableName, { filters, search }: Reading, how: 'exact' | 'estimated') =>
    ['records', table, 'count', { filters, search }, how] as const,
  one: (table: TableName, id: string, select: string) => ['records', table, 'one', id, select] as const,
};
