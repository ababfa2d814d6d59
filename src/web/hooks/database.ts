import { PostgrestClient } from '@supabase/postgrest-js';
import type { Database } from '@/lib/tenant-data/types';
import { serverAddress } from './address';
import { Failure } from './failures';

type Listener = () => void;
const listeners = new Set<Listener>();

/** Calls back when the server says that nobody is signed in any more. @returns stops that */
export function onSignedOut(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

let signedInAt = 0;

/** Somebody has signed in: what was asked before is refused in the name of a session that is over. */
export function noteSignedIn(): void {
  signedInAt = performance.now();
}

/** Tells whoever wants to know. @param askedAt when what was refused had been asked, `performance.now()` */
export function tellSignedOut(askedAt: number): void {
  if (askedAt < signedInAt) return;
  for (const listener of listeners) listener();
}

/** This screen's name: the server tells every other one what it changes. */
export const SCREEN = crypto.randomUUID();
const SCREEN_HEADER = 'x-marquee-screen';

/** The company's database; what one may see and do in it is decided there, by the session's cookie. */
export const database = new PostgrestClient<Database>(serverAddress('/rest/v1'), {
  headers: { [SCREEN_HEADER]: SCREEN },
  fetch: async (input, init) => {
    const askedAt = performance.now();
    const response = await fetch(input, { ...init, credentials: 'same-origin' });
    if (response.status === 401) tellSignedOut(askedAt);
    return response;
  },
});

/** A table whose name is a type parameter: the compiler cannot tell its columns, so the caller says what its rows are. */
export function tableNamed(table: string): ReturnType<PostgrestClient['from']> {
  return (database as PostgrestClient).from(table);
}

interface Answer<Data> {
  data: Data | null;
  count?: number | null;
  error: { code?: string; message: string; details?: string | null; hint?: string | null } | null;
  status: number;
}

/** What a request gave. @throws Failure with the database's code; `offline` when there was no answer */
export function unwrap<Data>(answer: Answer<Data>): Data {
  const { error, status } = answer;
  if (!error) return answer.data as Data;
  if (status === 0) throw new Failure('offline', 'The server cannot be reached.');
  throw new Failure(error.code || `http_${status}`, error.message, error);
}
