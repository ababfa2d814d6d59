import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { tableNamed, unwrap } from './database';
import { keys, PAGE_SIZE, type Reading, type Row, request, type TableName } from './query';

/**
 * Query for the rows of a table.
 *
 * @typeParam R row shape, where `select` embeds other tables
 * @param table table name
 * @param reading what to select, filter and sort
 * @param options `enabled: false` defers the query; `live` polls for other users' changes while the page is visible
 */
export function useRecords<Name extends TableName, R = Row<Name>>(
  table: Name,
  reading: Reading = {},
  options: { enabled?: boolean; live?: boolean } = {},
) {
  return useQuery({
    queryKey: keys.list(table, reading),
    queryFn: async ({ signal }) =>
      unwrap(await request(table, reading).abortSignal(signal)) as unknown as R[],
    enabled: options.enabled ?? true,
    refetchInterval: options.live ? 30_000 : false,
    placeholderData: keepPreviousData,
  });
}

/** One row, or null if it does not exist or the user may not see it. */
export function useRecord<Name extends TableName, R = Row<Name>>(
  table: Name,
  id: string | undefined,
  select = '*',
) {
  return useQuery({
    queryKey: keys.one(table, id ?? '', select),
    queryFn: async ({ signal }) =>
      unwrap(
        await tableNamed(table)
          .select(select)
          .eq('id', id ?? '')
          .abortSignal(signal)
          .maybeSingle(),
      ) as R | null,
    enabled: id !== undefined,
    refetchInterval: 30_000,
  });
}

/** A virtualized list that loads only the visible pages. */
export interface RecordWindow<R> {
  /** Total number of rows; undefined until the first page has loaded. */
  total: number | undefined;
  row(index: number): R | undefined;
  loaded: R[];
  error: Error | null;
  refetch(): void;
}

/**
 * The visible rows of a virtualized list.
 *
 * @param first index of the first visible row
 * @param last index of the last visible row
 */
export function useRecordWindow<R>(
  table: TableName,
  reading: Reading,
  first: number,
  last: number,
): RecordWindow<R> {
  const pages = pagesInView(first, last);
  const results = useQueries({
    queries: pages.map((page) => ({
      queryKey: keys.page(table, reading, page),
      queryFn: async ({ signal }: { signal: AbortSignal }) => {
        const from = page * PAGE_SIZE;
        const answer = await request(table, reading, { from, to: from + PAGE_SIZE - 1 }).abortSignal(signal);
        return { rows: unwrap(answer) as unknown as R[], total: answer.count ?? undefined };
      },
      refetchInterval: 60_000,
    })),
  });
  const firstPage = results[0];
  return useMemo(() => {
    const byPage = new Map(pages.map((page, index) => [page, results[index]?.data?.rows]));
    return {
      total: firstPage?.data?.total,
      row: (index) => byPage.get(Math.floor(index / PAGE_SIZE))?.[index % PAGE_SIZE],
      loaded: pages.flatMap((page) => byPage.get(page) ?? []),
      error: results.find((result) => result.error)?.error ?? null,
      refetch: () => {
        for (const result of results) void result.refetch();
      },
    };
  }, [pages, results, firstPage]);
}

/** Pages to load. Always includes the first page, which carries the total. */
function pagesInView(first: number, last: number): number[] {
  const from = Math.floor(Math.max(0, first) / PAGE_SIZE);
  const to = Math.floor(Math.max(0, last) / PAGE_SIZE);
  const pages = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  return from > 0 ? [0, ...pages] : pages;
}
