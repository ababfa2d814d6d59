import { MarqueeError, type MarqueeErrorDetails } from '@/lib/failures';

/** What can become of a request for rows, by stable code. */
export type RepositoryErrorCode =
  /** No such row, or none that the caller may see. */
  | 'record_not_found'
  /** A unique key or an exclusion constraint is taken. */
  | 'record_conflict'
  /** Someone else changed the row since it was read. */
  | 'record_stale'
  /** The row refers to one that is not there, or others still refer to it. */
  | 'record_referenced'
  /** A value is of the wrong form, missing or outside its range. */
  | 'record_invalid'
  /** A business rule of the database refused it; `sourceCode` says which. */
  | 'rule_violated'
  | 'permission_denied'
  | 'cursor_invalid'
  /** The data source cannot be asked at the moment, or the tenant may not be used; `sourceCode` says why. */
  | 'data_source_failed';

export interface RepositoryErrorDetails extends MarqueeErrorDetails {
  /** SQLSTATE, PostgREST's code or a code of `data-sources`. */
  sourceCode?: string;
  /** HTTP status of the answer. */
  status?: number;
}

/** An error about rows of a tenant's table. */
export class RepositoryError extends MarqueeError {
  declare readonly code: RepositoryErrorCode;
  readonly sourceCode: string | undefined;
  readonly status: number | undefined;

  constructor(code: RepositoryErrorCode, message: string, details: RepositoryErrorDetails = {}) {
    super(code, message, details);
    this.sourceCode = details.sourceCode;
    this.status = details.status;
  }
}

/** PostgREST's error body. */
export interface RequestError {
  code: string;
  message: string;
  details: string | null;
  hint: string | null;
}

/** The answer's error as ours. */
export function requestFailure(table: string, error: RequestError, status: number): RepositoryError {
  const [code, hint] = meaning(error.code, status);
  // The server's `details` quote the row; they are for logs of the caller's choosing, not for every reader.
  return new RepositoryError(code, `${table}: ${error.message}`, {
    hint: error.hint || hint,
    sourceCode: error.code,
    status,
    cause: error,
  });
}

function meaning(code: string, status: number): [RepositoryErrorCode, string] {
  if (code === '23505' || code === '23P01')
    return ['record_conflict', 'Change what must be unique, or use the row that is there.'];
  if (code === '23503')
    return ['record_referenced', 'Create the row it refers to first, or remove those that refer to it.'];
  if (code === '42501' || code === 'MQ003') return ['permission_denied', 'Ask someone whose role allows it.'];
  if (code.startsWith('PT') && status === 404) return ['record_not_found', 'Read the list again.'];
  if (code.startsWith('PT') && status === 403)
    return ['permission_denied', 'Ask someone whose role allows it.'];
  if (/^(MQ|PT)/.test(code)) return ['rule_violated', 'See the message.'];
  if (/^(21|22|23|54)/.test(code) || code === 'P0001') return ['record_invalid', 'Check the values.'];
  // Unknown columns, tables and grammar: the request itself is wrong.
  if (/^(42703|42P01|PGRST1|PGRST2)/.test(code))
    return ['record_invalid', 'Check the names of columns and tables.'];
  if (code === '40001' || code === '40P01' || code === '55P03')
    return ['record_stale', 'Read the row again and retry.'];
  if (status === 401 || status === 403) return ['permission_denied', 'Sign in with a role that allows it.'];
  return ['data_source_failed', 'Retry in a moment.'];
}
