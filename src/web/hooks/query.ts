import type { Database } from '@/lib/tenant-data/types';
import { database } from './database';
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
  limit?: number;
}

export const PAGE_SIZE = 100;

/** Builds the request for a query. @param range first and last row, for one page of the rows */
export function request(table: TableName, reading: Reading, range?: { from: number; to: number }) {
  let query = database
    .from(table)
    .select(reading.select ?? '*', range?.from === 0 ? { count: 'exact' } : undefined);
  for (const [column, operator, value] of reading.filters ?? []) {
    if (operator === 'in') query = query.in(column, value as readonly (string | number)[]);
    else if (operator === 'is') query = query.is(column, value as boolean | null);
    else if (operator === 'not.is') query = query.not(column, 'is', value);
    else query = query.filter(column, operator, value);
  }
  const condition = reading.search && searchCondition(reading.search);
  if (condition) query = query.or(condition);
  for (const [column, direction] of reading.order ?? []) {
    query = query.order(column, { ascending: direction === 'asc', nullsFirst: false });
  }
  if (range) query = query.range(range.from, range.to);
  else if (reading.limit) query = query.limit(reading.limit);
  return query;
}

/** Query keys. They begin with the table name, so that a change can invalidate its queries. */
export const keys = {
  list: (table: TableName, reading: Reading) => ['records', table, 'list', reading] as const,
  page: (table: TableName, reading: Reading, page: number) =>
    ['records', table, 'page', reading, page] as const,
  one: (table: TableName, id: string, select: string) => ['records', table, 'one', id, select] as const,
};
