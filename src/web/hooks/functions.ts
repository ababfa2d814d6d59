import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Database } from '@/lib/tenant-data/types';
import { database, unwrap } from './database';

type Functions = Database['public']['Functions'];

/**
 * Calls a function that changes nothing. With GET, so that every kind of data source knows that it does; what has a shape
 * goes as JSON.
 */
export function read(name: keyof Functions, parameters: object) {
  const flat = Object.entries(parameters).map(([key, value]) => [
    key,
    typeof value === 'object' && value !== null ? JSON.stringify(value) : value,
  ]);
  return database.rpc(name, Object.fromEntries(flat), { get: true });
}

/**
 * What a reading function of the database answers.
 *
 * @typeParam R the answer's shape, where the database says no more than JSON
 */
export function useAnswer<Name extends keyof Functions, R = Functions[Name]['Returns']>(
  name: Name,
  parameters: Functions[Name]['Args'],
  options: { enabled?: boolean } = {},
) {
  return useQuery({
    // Below `records`: a change anywhere may change the answer.
    queryKey: ['records', 'answer', name, parameters],
    queryFn: async ({ signal }) => unwrap(await read(name, parameters ?? {}).abortSignal(signal)) as R,
    enabled: options.enabled ?? true,
    placeholderData: keepPreviousData,
  });
}
