import { PostgrestClient } from '@supabase/postgrest-js';
import type { Refusal } from '@/lib/crm/refusals';
import type { Database } from '@/lib/tenant-data/types';
import { serverAddress } from '../page/address';
import { noteAsOf } from './as-of';
import { fetchNoted } from './connection';
import { Failure } from './failures';
import { notifySignedOut } from './signed-out';

/** Id of this browser tab. The server notifies every other tab of its changes. */
export const SCREEN = crypto.randomUUID();
const SCREEN_HEADER = 'x-marquee-screen';

/** PostgREST client for the tenant's database. Permissions are enforced there, by the session cookie. */
export const database = new PostgrestClient<Database>(serverAddress('/rest/v1'), {
  headers: { [SCREEN_HEADER]: SCREEN },
  // Queries are repeated by TanStack Query, which does not wait long without a connection.
  retry: false,
  fetch: async (input, init) => {
    const askedAt = performance.now();
    const response = await fetchNoted(input, { ...init, credentials: 'same-origin' });
    if (response.status === 401) notifySignedOut(askedAt);
    noteAsOf(response);
    return response;
  },
});

/**
 * Query builder for a table whose name is a type parameter. Its columns are unknown to the compiler, so the caller states the
 * row type.
 */
export function tableNamed(table: string): ReturnType<PostgrestClient['from']> {
  return (database as PostgrestClient).from(table);
}

interface Answer<Data> {
  data: Data | null;
  count?: number | null;
  error: {
    code?: string;
    message: string;
    details?: string | null;
    hint?: string | null;
    refusal?: Refusal;
  } | null;
  status: number;
}

/** Returns the data of a response. @throws Failure with the database's code, or `offline` when there was no response */
export function unwrap<Data>(answer: Answer<Data>): Data {
  const { error, status } = answer;
  if (!error) return answer.data as Data;
  if (status === 0) throw new Failure('offline', 'The server cannot be reached.');
  throw new Failure(error.code || `http_${status}`, error.message, { ...error, status });
}
