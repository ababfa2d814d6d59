import pg from 'pg';
import { EngineError, RestError } from '../errors';

/** The database cannot be asked now: the answer is 503 (not reachable) or 504 (no connection became free in time). */
export class UnavailableError extends EngineError {}

/** What failed while connecting, without what a URL or an address may give away. */
export function connectionFailed(cause: unknown): UnavailableError {
  return new UnavailableError('PGRST000', 503, 'Database connection error.', {
    details: reasonOf(cause),
    cause,
  });
}

export function connectionLost(cause: unknown): UnavailableError {
  return new UnavailableError('PGRST001', 503, 'Database client error. Retrying the connection.', {
    details: reasonOf(cause),
    cause,
  });
}

export function poolExhausted(): UnavailableError {
  return new UnavailableError('PGRST003', 504, 'Timed out acquiring connection from connection pool.');
}

export function schemaNotLoaded(): UnavailableError {
  return new UnavailableError(
    'PGRST002',
    503,
    'Could not query the database for the schema cache. Retrying.',
  );
}

export function databaseLost(cause: unknown): RestError {
  return new RestError('database_lost', 'The connection to the database is lost.', {
    hint: 'With db-pool-automatic-recovery the process waits for it and connects again.',
    cause,
  });
}

/** @throws RestError `login_refused` where trying again does not help: wrong password, role or database */
export function refuseHopeless(error: unknown): void {
  const cause = error instanceof UnavailableError ? error.cause : error;
  if (!(cause instanceof pg.DatabaseError) || !/^(28|3D)/.test(cause.code ?? '')) return;
  throw new RestError('login_refused', `The database refuses the login (SQLSTATE ${cause.code}).`, {
    hint: 'Check user, password and database in PGRST_DB_URI, and pg_hba.conf.',
    cause,
  });
}

function reasonOf(cause: unknown): string | null {
  if (!(cause instanceof Error)) return null;
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : 'connection closed';
}
