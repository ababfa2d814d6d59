import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Database } from '@/lib/tenant-data/types';
import { database, unwrap } from './database';

type Functions = Database['public']['Functions'];

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
    queryFn: async ({ signal }) =>
      unwrap(await database.rpc(name, parameters ?? {}).abortSignal(signal)) as R,
    enabled: options.enabled ?? true,
    placeholderData: keepPreviousData,
  });
}
