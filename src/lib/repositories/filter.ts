import type { ColumnOf } from './table-types';

type Scalar = string | number | boolean;

/** Comparisons of one column; all of them must hold. */
export interface Comparisons<Value> {
  eq?: Value;
  neq?: Value;
  gt?: Value;
  gte?: Value;
  lt?: Value;
  lte?: Value;
  /** One of these. */
  in?: readonly Value[];
  /** `%` stands for any text. */
  like?: string;
  /** `like`, ignoring case. */
  ilike?: string;
  /** True: no value. False: some value. */
  isNull?: boolean;
  /** An array or a range contains it; a JSON document contains it. */
  contains?: unknown;
}

/** Conditions on a row's columns: a value means equal, null means no value, an array means one of its values. */
export type Filter<Row> = {
  readonly [Column in ColumnOf<Row>]?:
    | NonNullable<Row[Column]>
    | null
    | readonly NonNullable<Row[Column]>[]
    | Comparisons<NonNullable<Row[Column]>>;
};

/** The part of a postgrest-js filter builder that filters need. */
export interface Filterable<Self> {
  filter(column: string, operator: string, value: unknown): Self;
  in(column: string, values: readonly unknown[]): Self;
  contains(column: string, value: never): Self;
}

const COMPARED = ['eq', 'neq', 'gt', 'gte', 'lt', 'lte', 'like', 'ilike'] as const;

/** Adds a filter to a request. Values are quoted: none is read as grammar. */
export function applyFilter<Query extends Filterable<Query>>(
  query: Query,
  filter: Readonly<Record<string, unknown>>,
): Query {
  let filtered = query;
  for (const [column, condition] of Object.entries(filter)) {
    if (condition === undefined) continue;
    if (condition === null) filtered = filtered.filter(column, 'is', null);
    else if (Array.isArray(condition)) filtered = filtered.in(column, condition.map(valueText));
    else if (typeof condition === 'object' && !(condition instanceof Date)) {
      filtered = applyComparisons(filtered, column, condition);
    } else filtered = filtered.filter(column, 'eq', valueText(condition));
  }
  return filtered;
}

function applyComparisons<Query extends Filterable<Query>>(
  query: Query,
  column: string,
  comparisons: Comparisons<unknown>,
): Query {
  let filtered = query;
  for (const operator of COMPARED) {
    const value = comparisons[operator];
    if (value !== undefined) filtered = filtered.filter(column, operator, valueText(value));
  }
  if (comparisons.in) filtered = filtered.in(column, comparisons.in.map(valueText));
  if (comparisons.isNull !== undefined) {
    filtered = filtered.filter(column, comparisons.isNull ? 'is' : 'not.is', null);
  }
  if (comparisons.contains !== undefined) filtered = filtered.contains(column, comparisons.contains as never);
  return filtered;
}

/** A value as PostgreSQL reads it. */
export function valueText(value: unknown): Scalar {
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  return typeof value === 'number' || typeof value === 'boolean' ? value : String(value);
}
