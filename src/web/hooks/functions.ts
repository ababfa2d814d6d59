import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Database } from '@/lib/tenant-data/types';
import { database, unwrap } from './database';

type Functions = Database['public']['Functions'];

/** Calls a function that changes nothing. With GET, so that every kind of data source knows that it does. */
export function read(name: keyof Functions, parameters: object) {
  const flat = Object.entries(parameters)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => [key, inAddress(value)]);
  return database.rpc(name, Object.fromEntries(flat), { get: true });
}

/** What has a shape goes as JSON, a list of plain values as PostgreSQL writes arrays (`uuid[]`, `text[]`). */
function inAddress(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const isList = Array.isArray(value) && value.every((one) => typeof one !== 'object' || one === null);
  return isList ? `{${value.map(element).join(',')}}` : JSON.stringify(value);
}

/** In quotes, so that commas, braces and the word null are text. */
function element(value: unknown): string {
  return value === null ? 'null' : `"${String(value).replace(/[\\"]/g, '\\$&')}"`;
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
