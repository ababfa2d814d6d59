import { DataSourceError, type DataSourceErrorCode } from '@/lib/data-sources';
import {
  categoryOfStatus,
  declaredFailures,
  declareFailures,
  type FailureDetails,
  type ForeignCode,
  MarqueeError,
} from '@/lib/failures';

const REPOSITORY_FAILURES = declareFailures('repositories', 'user', {
  record_not_found: {
    category: 'not-found',
    means: 'There is no such row, or none that the caller may see.',
    hint: 'It may have been deleted, or belong to another tenant.',
  },
  record_conflict: {
    category: 'conflict',
    means: 'A unique key or an exclusion constraint is taken.',
    hint: 'Change what must be unique, or use the row that is there.',
  },
  record_stale: {
    category: 'conflict',
    means: 'The row was changed since it was read, or is being changed now.',
    hint: 'Read the row again and retry.',
  },
  record_referenced: {
    category: 'conflict',
    means: 'The row refers to one that does not exist, or others still refer to it.',
    hint: 'Create the row it refers to first, or remove those that refer to it.',
  },
  record_invalid: {
    category: 'invalid',
    means: 'A value, or a name of a table or column, is malformed, missing or out of range.',
    hint: 'Check the values, and the names of columns and tables.',
  },
  rule_violated: {
    category: 'conflict',
    means:
      'A business rule of the database refused it (SQLSTATE PTxyz: HTTP status xyz); `sourceCode` says which.',
    hint: 'See the message.',
  },
  permission_denied: {
    category: 'forbidden',
    means: 'The caller’s role does not allow it.',
    hint: 'Ask someone whose role allows it.',
  },
  cursor_invalid: {
    category: 'invalid',
    status: 400,
    means: 'The cursor of a page is not one of this list.',
    hint: 'Begin with the first page; a cursor belongs to one sort order.',
  },
  data_source_failed: {
    category: 'unavailable',
    means: 'The data source cannot be used at the moment, or the tenant may not be; `sourceCode` says why.',
    hint: 'Try again in a minute.',
  },
});

export type RepositoryErrorCode = keyof typeof REPOSITORY_FAILURES;

export interface RepositoryErrorDetails extends FailureDetails {
  /** SQLSTATE, PostgREST's code or a code of `data-sources`. */
  sourceCode?: string;
  /** HTTP status of the data source's answer. */
  sourceStatus?: number;
}

/** An error about rows of a tenant's table. */
export class RepositoryError extends MarqueeError<RepositoryErrorCode> {
  readonly sourceCode: string | undefined;

  constructor(code: RepositoryErrorCode, message: string, details: RepositoryErrorDetails = {}) {
    super(code, message, details, foreignStatus(code, details.sourceStatus));
    this.sourceCode = details.sourceCode;
  }
}

/** The status of the data source's answer, so that a fact has one status at `/rest/v1` and elsewhere. */
function foreignStatus(code: RepositoryErrorCode, status: number | undefined): ForeignCode | undefined {
  if (status === undefined || status < 400) return undefined;
  const statusDecides = code === 'data_source_failed' || code === 'rule_violated' || status >= 500;
  const category = statusDecides ? categoryOfStatus(status) : REPOSITORY_FAILURES[code].category;
  return { status, category };
}

/** PostgREST's error body. */
export interface RequestError {
  code: string;
  message: string;
  details: string | null;
  hint: string | null;
}

/**
 * The answer's error as ours; one that Marquee itself answered with keeps its code.
 *
 * @param status of the answer, where it is known
 */
export function requestFailure(
  table: string,
  error: RequestError,
  status?: number,
): RepositoryError | DataSourceError {
  if (declaredFailures().has(error.code)) {
    const hint = error.hint ?? undefined;
    return new DataSourceError(error.code as DataSourceErrorCode, error.message, { hint });
  }
  const [code, hint] = meaning(error.code, status);
  // The server's `details` quote the row; they are for logs of the caller's choosing, not for every reader.
  return new RepositoryError(code, table ? `${table}: ${error.message}` : error.message, {
    hint: error.hint || hint,
    sourceCode: error.code,
    ...(status !== undefined && { sourceStatus: status }),
    cause: error,
  });
}

function meaning(code: string, status: number | undefined): [RepositoryErrorCode, string] {
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
  if (code === 'PGRST116')
    return ['record_not_found', 'It may have been deleted, or belong to another tenant.'];
  // Unknown columns, tables and grammar: the request itself is wrong.
  if (/^(42703|42P01|PGRST1|PGRST2)/.test(code))
    return ['record_invalid', 'Check the names of columns and tables.'];
  if (code === '40001' || code === '40P01' || code === '55P03')
    return ['record_stale', 'Read the row again and retry.'];
  if (status === 401 || status === 403) return ['permission_denied', 'Sign in with a role that allows it.'];
  return ['data_source_failed', 'Retry in a moment.'];
}
