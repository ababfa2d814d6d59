import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Database } from '@/lib/tenant-data/types';
import { readOrHeld } from '../offline/held-answers';
import { database, unwrap } from '../request/database';

type Functions = Database['public']['Functions'];

/** Reports read much: a replica may answer, but with everything in it that was announced to screens. */
const REPORTS = /_report$|^profit_by_event$/;
const OF_A_REPLICA = 'read-replica; max-lag-ms=60000; after-writes';

/** Calls a read-only database function. Uses GET, so that every kind of data source treats it as read-only. */
export function read(name: keyof Functions, parameters: object) {
  const flat = Object.entries(parameters)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => [key, inAddress(value)]);
  const query = database.rpc(name, Object.fromEntries(flat), { get: true });
  return REPORTS.test(name) ? query.setHeader('prefer', OF_A_REPLICA) : query;
}

/** Encodes a parameter for the URL: objects as JSON, lists of scalars as PostgreSQL arrays (`uuid[]`, `text[]`). */
function inAddress(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const isList = Array.isArray(value) && value.every((one) => typeof one !== 'object' || one === null);
  return isList ? `{${value.map(element).join(',')}}` : JSON.stringify(value);
}

/** Quotes an array element, so that commas, braces and the word null are taken literally. */
function element(value: unknown): string {
  return value === null ? 'null' : `"${String(value).replace(/[\\"]/g, '\\$&')}"`;
}

/**
 * Query for the result of a read-only database function.
 *
 * @typeParam R shape of the result, where the database declares it only as JSON
 */
export function useAnswer<Name extends keyof Functions, R = Functions[Name]['Returns']>(
  name: Name,
  parameters: Functions[Name]['Args'],
  options: { enabled?: boolean } = {},
) {
  return useQuery({
    // Below the `records` key: a change to any record may change the result.
    queryKey: ['records', 'answer', name, parameters],
    queryFn: ({ signal, queryKey }) =>
      readOrHeld(queryKey, async () => unwrap(await read(name, parameters ?? {}).abortSignal(signal)) as R),
    enabled: options.enabled ?? true,
    placeholderData: keepPreviousData,
  });
}
