// Observes tenants' statements, and repeats a read in another database.
import type pg from 'pg';
import type { Statement, TextRow, Transaction } from '@/lib/postgres';
import { localSettings, runPipeline } from '@/lib/postgres';
import { sealClaims } from '@/lib/tenant-data';

/** A read as it ran: enough to run it again. Its values are the tenant's data and must not be stored. */
export interface ObservedRead {
  role: string;
  /** `request.jwt.claims` without a seal, with the tenant's id in the data source. */
  claims: string;
  settings: Transaction['settings'];
  preRequest?: Statement;
  statement: Statement;
}

export interface ObservedStatement {
  tenantId: string;
  dataSourceId: string;
  /** Waiting for a connection and running, ms. */
  tookMs: number;
  /** The error, where it failed. */
  failure?: unknown;
  /** Present for a single statement that only reads and succeeded. */
  read?: ObservedRead;
}

/** Its methods are called for every statement, so they must return at once and never throw. */
export interface StatementObserver {
  watches(tenantId: string): boolean;
  /** Called after a statement of a watched tenant, before its caller gets the result. */
  finished(statement: ObservedStatement): void;
}

/**
 * Repeats a tenant's read, read only, in the same context (`tenancy.enter_shadow_read`): also where the tenant's fence
 * is held closed by a move. Takes no lock of the tenant.
 *
 * @param client a connection of the router's login, not shared meanwhile
 * @param options.sealKey of the router's URL, where it has one
 * @throws pg.DatabaseError what the server said; ResultTooLargeError
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
