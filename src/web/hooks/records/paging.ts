// Pages of a long list by the values of its order (keyset paging): the database reads a page by an index, however far down it is.
import type { Filter, Order, Reading } from '../request/query';

/** A list that is paged by its order. All columns have one direction, and the last one is `id`. Only the first may be empty. */
export interface KeysetReading extends Reading {
  order: readonly [Order, ...Order[]];
  /** Rows may have no value in the first column of the order. They come last. */
  mayBeEmpty: boolean;
}

/** The values of a row's order, from which the next page begins. */
export type Position = readonly (string | number | boolean | null)[];

/** Where a page begins: after (or, backwards, before) a position; else at the start or end of the list, less some rows. */
export interface PageStart {
  after?: Position | undefined;
  backwards?: boolean;
  skip?: number;
  most?: number;
}

export function positionOf(row: Readonly<Record<string, unknown>>, { order }: KeysetReading): Position {
  return order.map(([column]) => (row[column] ?? null) as Position[number]);
}

/**
 * The queries whose rows, one after the other, are the list from a position on. Rows without a value are a query of their own: an
 * index has them at one end only, whichever way it is read.
 */
export function partsOf(
  { order, mayBeEmpty, ...reading }: KeysetReading,
  { after, backwards = false }: PageStart,
): Reading[] {
  const [first] = order[0];
  const directed = backwards ? order.map(([column, way]): Order => [column, reversed(way)]) : order;
  const part = (isEmpty: boolean | undefined): Reading => {
    const begins = after && (after[0] === null) === Boolean(isEmpty);
    // Within the rows without a value, the other columns decide.
    const from = isEmpty ? 1 : 0;
    return {
      ...reading,
      order: directed,
      indexed: true,
      filters: [
        ...(reading.filters ?? []),
        ...(isEmpty === undefined ? [] : [[first, isEmpty ? 'is' : 'not.is', null] as Filter]),
        ...(begins ? boundOf(directed.slice(from), after.slice(from)) : []),
      ],
      ...(begins && { or: beyond(directed.slice(from), after.slice(from)) }),
    };
  };
  if (!mayBeEmpty) return [part(undefined)];
  const parts = backwards ? [true, false] : [false, true];
  return parts.slice(after && (after[0] === null) !== parts[0] ? 1 : 0).map(part);
}

/** What an index can be entered by. PostgreSQL reads conditions joined by `or` only after that. */
function boundOf([key]: readonly Order[], [value]: Position): Filter[] {
  return key ? [[key[0], key[1] === 'asc' ? 'gte' : 'lte', value ?? null]] : [];
}

/** `a > x, or a = x and b > y, …`, in PostgREST's grammar. */
function beyond(order: readonly Order[], position: Position): string {
  return order
    .map(([column, way], index) => {
      const same = order.slice(0, index).map(([other], at) => `${other}.eq.${quoted(position[at])}`);
      const next = `${column}.${way === 'asc' ? 'gt' : 'lt'}.${quoted(position[index])}`;
      return same.length === 0 ? next : `and(${[...same, next].join(',')})`;
    })
    .join(',');
}

const quoted = (value: Position[number] | undefined) => `"${String(value).replace(/[\\"]/g, '\\$&')}"`;

const reversed = (way: Order[1]) => (way === 'asc' ? 'desc' : 'asc');
