import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import { useQueuedEdits } from '../offline/edit-queue';
import { withEdits } from '../offline/edits';
import { readOrHeld } from '../offline/held-answers';
import { tableNamed, unwrap } from '../request/database';
import { countOf, keys, type Reading, type Row, request, type TableName } from '../request/query';

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
  const edits = useQueuedEdits();
  return useQuery({
    queryKey: keys.list(table, reading),
    queryFn: ({ signal, queryKey }) =>
      readOrHeld(
        queryKey,
        async () => unwrap(await request(table, reading).abortSignal(signal)) as unknown as R[],
      ),
    select: useCallback((rows: R[]) => withEdits(table, rows, edits), [table, edits]),
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
  const edits = useQueuedEdits();
  return useQuery({
    queryKey: keys.one(table, id ?? '', select),
    queryFn: ({ signal, queryKey }) =>
      readOrHeld(
        queryKey,
        async () =>
          unwrap(
            await tableNamed(table)
              .select(select)
              .eq('id', id ?? '')
              .abortSignal(signal)
              .maybeSingle(),
          ) as R | null,
      ),
    select: useCallback((row: R | null) => withEdits(table, row, edits), [table, edits]),
    enabled: id !== undefined,
    refetchInterval: 30_000,
  });
}

/** How many rows a query has, without its limit. */
export function useCountOf(table: TableName, reading: Reading, enabled: boolean): number | undefined {
  const { data } = useQuery({
    queryKey: keys.count(table, reading, 'exact'),
    queryFn: ({ signal, queryKey }) => readOrHeld(queryKey, () => countOf(table, reading, 'exact', signal)),
    enabled,
  });
  return data;
}
