import { PostgrestError } from '@supabase/postgrest-js';
import { DataSourceError, statusOfSqlstate } from '@/lib/data-sources';
import { RepositoryError, requestFailure } from '@/lib/repositories';
import { inWords, NO_FAULT_OF_OURS } from './words';

export { type Refusal, refusalIn } from './refusal';
export { inWords, NO_FAULT_OF_OURS } from './words';

/** What `pg`, or PostgREST's grammar, says of an error of the server. */
interface ServerError {
  code: string;
  message: string;
  /** Set in errors of `pg`. */
  detail?: string;
  /** Set in errors of PostgREST. */
  details?: string | null;
  hint?: string | null;
}

/**
 * What a tenant's database refused inside a transaction, or its client threw (`throwOnError`), as the same error that the client's
 * answer would give; other errors as they are.
 */
export function refusalOf(error: unknown): unknown {
  if (!isServerError(error) && !(error instanceof PostgrestError && error.code)) return error;
  return failureOf(error, isSqlstate(error.code) ? statusOfSqlstate(error) : undefined);
}

/** The error of a tenant's client, with the rule's own message, without the name of its function. */
export function failureOf(error: ServerError, given?: number): RepositoryError | DataSourceError {
  const { code, message, detail, details, hint } = error;
  const ours = NO_FAULT_OF_OURS[code];
  const said = { code, message, details: details ?? detail ?? null, hint: ours ? null : (hint ?? null) };
  const status = ours ?? given;
  const failure = requestFailure('', said, status);
  if (failure instanceof DataSourceError) return failure;
  return new RepositoryError(failure.code, inWords(error) ?? message, {
    ...(failure.hint ? { hint: failure.hint } : {}),
    sourceCode: code,
    ...(status !== undefined && { sourceStatus: status }),
    cause: error,
  });
}

/** Runs a transaction and converts the database's refusals to RepositoryErrors. */
export async function withRefusals<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    throw refusalOf(error);
  });
}

function isServerError(error: unknown): error is Error & ServerError {
  return (
    error instanceof Error &&
    'severity' in error &&
    'code' in error &&
    typeof error.code === 'string' &&
    isSqlstate(error.code)
  );
}

function isSqlstate(code: string): boolean {
  return /^[0-9A-Z]{5}$/.test(code);
}
