// Looking on while tenants' statements run, and repeating a read somewhere else.
import type pg from 'pg';
import type { Statement, TextRow, Transaction } from '@/lib/postgres';
import { localSettings, runPipeline } from '@/lib/postgres';
import { sealClaims } from '@/lib/tenant-data';

/** A read as it ran: enough to run it again. The values of the statement are the tenant's business: keep them nowhere. */
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
  /** What it failed with. */
  failure?: unknown;
  /** Where it was one statement that only reads, and succeeded. */
  read?: ObservedRead;
}

/** Called beside every statement: it must return at once, and never throw. */
export interface StatementObserver {
  watches(tenantId: string): boolean;
  /** After a statement of a tenant that is watched, and before its caller has the answer. */
  finished(statement: ObservedStatement): void;
}

/**
 * Runs a read of a tenant again, read only, in the context it had (`tenancy.enter_shadow_read`): also where the tenant's fence
 * is held closed by a move. Takes no lock of the tenant.
 *
 * @param client a connection of the router's login, used by nobody else meanwhile
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
