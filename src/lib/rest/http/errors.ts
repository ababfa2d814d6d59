import { MarqueeError } from '@/lib/errors';

/** The database cannot be asked now: the answer is 503 (not reachable) or 504 (no connection became free in time). */
export class UnavailableError extends MarqueeError {
  constructor(
    code: 'PGRST000' | 'PGRST001' | 'PGRST002' | 'PGRST003',
    message: string,
    readonly status: 503 | 504,
    readonly details: string | null = null,
    cause?: unknown,
  ) {
    super(code, message, { cause });
  }
}

/** What failed while connecting, without what a URL or an address may give away. */
export function connectionFailed(cause: unknown): UnavailableError {
  return new UnavailableError('PGRST000', 'Database connection error.', 503, reasonOf(cause), cause);
}

export function connectionLost(cause: unknown): UnavailableError {
  return new UnavailableError(
    'PGRST001',
    'Database client error. Retrying the connection.',
    503,
    reasonOf(cause),
    cause,
  );
}

export function poolExhausted(): UnavailableError {
  return new UnavailableError('PGRST003', 'Timed out acquiring connection from connection pool.', 504);
}

export function schemaNotLoaded(): UnavailableError {
  return new UnavailableError(
    'PGRST002',
    'Could not query the database for the schema cache. Retrying.',
    503,
  );
}

function reasonOf(cause: unknown): string | null {
  if (!(cause instanceof Error)) return null;
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : 'connection closed';
}
