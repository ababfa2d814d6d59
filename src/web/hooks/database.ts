import { PostgrestClient } from '@supabase/postgrest-js';
import type { Database } from '@/lib/tenant-data/types';
import { serverAddress } from './address';
import { Failure } from './failures';

type Listener = () => void;
const listeners = new Set<Listener>();

/** Registers a listener for the end of the session. @returns a function that unregisters it */
export function onSignedOut(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

let signedInAt = 0;

/** Records the time of sign-in, so that late 401 responses to older requests do not end the new session. */
export function noteSignedIn(): void {
  signedInAt = performance.now();
}

/** Notifies the listeners that the session has ended. @param askedAt when the refused request was sent, `performance.now()` */
export function tellSignedOut(askedAt: number): void {
  if (askedAt < signedInAt) return;
  for (const listener of listeners) listener();
}

/** Id of this browser tab. The server notifies every other tab of its changes. */
export const SCREEN = crypto.randomUUID();
const SCREEN_HEADER = 'x-marquee-screen';

/** PostgREST client for the tenant's database. Permissions are enforced there, by the session cookie. */
export const database = new PostgrestClient<Database>(serverAddress('/rest/v1'), {
  headers: { [SCREEN_HEADER]: SCREEN },
  fetch: async (input, init) => {
    const askedAt = performance.now();
    const response = await fetch(input, { ...init, credentials: 'same-origin' });
    if (response.status === 401) tellSignedOut(askedAt);
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
  error: { code?: string; message: string; details?: string | null; hint?: string | null } | null;
  status: number;
}

/** Returns the data of a response. @throws Failure with the database's code, or `offline` when there was no response */
export function unwrap<Data>(answer: Answer<Data>): Data {
  const { error, status } = answer;
  if (!error) return answer.data as Data;
  if (status === 0) throw new Failure('offline', 'The server cannot be reached.');
  throw new Failure(error.code || `http_${status}`, error.message, error);
}
