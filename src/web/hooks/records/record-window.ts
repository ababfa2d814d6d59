import { type QueryClient, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { useQueuedEdits } from '../offline/edit-queue';
import { withEdits } from '../offline/edits';
import { readOrHeld } from '../offline/held-answers';
import { unwrap } from '../request/database';
import { countOf, keys, PAGE_SIZE, type Reading, request, type TableName } from '../request/query';
import { type KeysetReading, type PageStart, type Position, positionOf } from './paging';
import { readPage } from './read-page';

/** Above this number of rows the server estimates how many there are. */
export const COUNTED_EXACTLY = 5_000;
/** Once someone scrolls past this many rows, the exact number is read, so that the end can be reached. */
const FAR = 1_000;

/** A virtualized list that loads only the visible pages. */
export interface RecordWindow<R> {
  /** Number of rows; undefined until it is known. */
  total: number | undefined;
  /** Whether `total` is an estimate. */
  isAbout: boolean;
  row(index: number): R | undefined;
  loaded: R[];
  error: Error | null;
  refetch(): void;
}

interface Page<R> {
  rows: R[];
  /** The page next to it that it was read from, and that one's outermost row. */
  from?: { page: number; position: Position };
}

type AnyRow = { id: string } & Record<string, unknown>;

/**
 * The visible rows of a virtualized list.
 *
 * @param reading what is listed; with `mayBeEmpty` it is paged by its order, otherwise by numbers of rows
 * @param first index of the first visible row
 * @param last index of the last visible row
 */
export function useRecordWindow<R>(
  table: TableName,
  reading: Reading | KeysetReading,
  first: number,
  last: number,
): RecordWindow<R> {
  const client = useQueryClient();
  const edits = useQueuedEdits();
  const { total, isAbout, counted } = useCount(table, reading, last > FAR);
  const pages = useMemo(() => pagesInView(first, last), [first, last]);
  const results = useQueries({
    queries: pages.map((page) => ({
      queryKey: keys.page(table, reading, page),
      queryFn: ({ signal, queryKey }: { signal: AbortSignal; queryKey: readonly unknown[] }) =>
        readOrHeld(queryKey, () => load(client, { table, reading, page, total }, signal)),
      enabled: !(isAbout && page * PAGE_SIZE > FAR),
      refetchInterval: 60_000,
    })),
  });
  useEffect(() => {
    // Where rows came or went between two pages, the second begins anew at the end of the first.
    for (const [index, result] of results.entries()) {
      const from = result.data?.from;
      if (!from || result.isFetching) continue;
      const page = pages[index] ?? 0;
      const neighbour = client.getQueryData<Page<AnyRow>>(keys.page(table, reading, from.page));
      const edge = neighbour?.rows.at(from.page < page ? -1 : 0);
      const position = edge && positionOf(edge, reading as KeysetReading);
      if (position && JSON.stringify(position) !== JSON.stringify(from.position)) void result.refetch();
    }
  }, [client, table, reading, pages, results]);
  return useMemo(() => {
    const byPage = new Map(
      pages.map((page, index) => [page, withEdits(table, results[index]?.data?.rows, edits)]),
    );
    return {
      total,
      isAbout,
      row: (index) => byPage.get(Math.floor(index / PAGE_SIZE))?.[index % PAGE_SIZE] as R | undefined,
      loaded: pages.flatMap((page) => byPage.get(page) ?? []) as R[],
      error: counted.error ?? results.find((result) => result.error)?.error ?? null,
      refetch: () => {
        void counted.refetch();
        for (const result of results) void result.refetch();
      },
    };
  }, [table, pages, results, edits, total, isAbout, counted]);
}

/** How many rows a list has: estimated where there are many, until one has scrolled far. */
function useCount(table: TableName, reading: Reading, isFar: boolean) {
  const options = (how: 'exact' | 'estimated') => ({
    queryKey: keys.count(table, reading, how),
    queryFn: ({ signal, queryKey }: { signal: AbortSignal; queryKey: readonly unknown[] }) =>
      readOrHeld(queryKey, () => countOf(table, reading, how, signal)),
    refetchInterval: 60_000,
  });
  const counted = useQuery(options('estimated'));
  const isMany = (counted.data ?? 0) > COUNTED_EXACTLY;
  const exact = useQuery({ ...options('exact'), enabled: isMany && isFar });
  const isAbout = isMany && exact.data === undefined;
  return { total: isMany ? (exact.data ?? counted.data) : counted.data, isAbout, counted };
}

interface Wanted {
  table: TableName;
  reading: Reading | KeysetReading;
  page: number;
  total: number | undefined;
}

async function load(
  client: QueryClient,
  { table, reading, page, total }: Wanted,
  signal: AbortSignal,
): Promise<Page<AnyRow>> {
  if (!('mayBeEmpty' in reading)) {
    const from = page * PAGE_SIZE;
    const answer = await request(table, reading, { range: { from, to: from + PAGE_SIZE - 1 } }).abortSignal(
      signal,
    );
    return { rows: unwrap(answer) as unknown as AnyRow[] };
  }
  const near = (other: number, edge: -1 | 0) => {
    const row = client.getQueryData<Page<AnyRow>>(keys.page(table, reading, other))?.rows.at(edge);
    return row && { page: other, position: positionOf(row, reading) };
  };
  const from = page === 0 ? undefined : (near(page - 1, -1) ?? near(page + 1, 0));
  const start: PageStart = from
    ? { after: from.position, backwards: from.page > page }
    : fromAnEnd(page, total);
  const rows = (await readPage(table, reading, start, signal)) as AnyRow[];
  return { rows, ...(from && { from }) };
}

/** A page that is not next to a loaded one is counted from the nearer end. */
function fromAnEnd(page: number, total: number | undefined): PageStart {
  const skip = page * PAGE_SIZE;
  if (total === undefined || skip < total / 2) return { skip };
  return {
    backwards: true,
    skip: Math.max(0, total - skip - PAGE_SIZE),
    most: Math.max(1, Math.min(PAGE_SIZE, total - skip)),
  };
}

function pagesInView(first: number, last: number): number[] {
  const from = Math.floor(Math.max(0, first) / PAGE_SIZE);
  const to = Math.floor(Math.max(0, last) / PAGE_SIZE);
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
