// Observes tenants' statements, and repeats a read in another database.
import type pg from 'pg';
import type { Statement, TextRow, Transaction } from '@/lib/postgres';
import { localSettings, runPipeline } from '@/lib/postgres';
import { sealClaims } from '@/lib/tenant-data';

/** Everything that is needed to run a read again. Its values are the tenant's data and must not be stored. */
export interface ObservedRead {
  role: string;
  /** `request.jwt.claims` without a seal, with the tenant's id in the data source. */
  claims: string;
  settings: Transaction['settings'];
  preRequest?: Statement;
  statement: Statement;
}

/** A statement of a watched tenant that has ended. */
export interface ObservedStatement {
  tenantId: string;
  dataSourceId: string;
  /** How long the statement waited for a connection and ran, ms. */
  tookMs: number;
  /** The error, if the statement failed. */
  failure?: unknown;
  /** Present if it was a single statement that only read, and succeeded. */
  read?: ObservedRead;
}

/** Observes statements. Its methods are called for every statement, so they must return at once and never throw. */
export interface StatementObserver {
  watches(tenantId: string): boolean;
  /** Called after a statement of a watched tenant, before its caller gets the result. */
  finished(statement: ObservedStatement): void;
}

/**
 * Repeats a tenant's read in the same context (`tenancy.enter_shadow_read`), in a read-only transaction. It works even while a move keeps
 * the tenant's fence closed, and takes none of the tenant's locks.
 *
 * @param client a connection of the router's login that nothing else uses meanwhile
 * @param options.maxBytes maximum size of the answer, bytes
 * @param options.sealKey of the router's URL, if it has one
 * @throws pg.DatabaseError an error of the server; ResultTooLargeError
 */
export function repeatRead(
  client: pg.ClientBase,
  tenantIdInDataSource: string,
  { role, claims, settings, preRequest, statement }: ObservedRead,
  { maxBytes, sealKey }: { maxBytes: number; sealKey?: Buffer | undefined },
): Promise<TextRow[]> {
  const enter: Statement = {
    name: 'marquee_enter_shadow_read',
    text: 'select tenancy.enter_shadow_read($1, $2, $3)',
    values: [tenantIdInDataSource, role, sealClaims(claims, sealKey)],
  };
  const statements = [enter];
  if (settings.length > 0) statements.push(localSettings(settings));
  if (preRequest) statements.push(preRequest);
  return runPipeline(client, [...statements, statement], { maxBytes });
}
