import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { BeginBulkChange, BulkChange, BulkChanges } from '@/server/api/records/bulk-changes';
import type { TableName } from '../request/query';
import { ask } from '../session/session';

/** Above this many records, a change is a job on the server. Up to it, it is one request. */
export const MOST_AT_ONCE = 200;

const KEY = ['bulk-changes'] as const;
const ADDRESS = '/api/bulk-changes';

const isGoingOn = ({ status }: BulkChange) => status === 'running' || status === 'undoing';

/** The user's changes of many records of a table, read every second while one is going on. */
export function useBulkChanges(table: TableName): BulkChange[] {
  const client = useQueryClient();
  const { data } = useQuery({
    queryKey: KEY,
    queryFn: () => ask<BulkChanges>(ADDRESS),
    refetchInterval: ({ state }) => (state.data?.rows.some(isGoingOn) ? 1_000 : false),
    staleTime: 30_000,
  });
  const changes = data?.rows.filter(({ kind }) => kind === table) ?? [];
  const ended = changes.filter((change) => !isGoingOn(change)).length;
  // biome-ignore lint/correctness/useExhaustiveDependencies: reads the list again when a change has ended
  useEffect(() => {
    if (ended > 0) void client.invalidateQueries({ queryKey: ['records', table] });
  }, [ended]);
  return changes;
}

export function useBeginBulkChange() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: BeginBulkChange) =>
      ask<BulkChange>(ADDRESS, {
        method: 'POST',
        body: JSON.stringify(change),
        headers: { 'idempotency-key': change.id },
      }),
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  });
}

/** Cancels or undoes a change. */
export function useEndBulkChange() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ id, action }: { id: string; action: 'cancel' | 'undo' }) =>
      ask<BulkChange>(`${ADDRESS}/${id}/${action}`, { method: 'POST' }),
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  });
}
