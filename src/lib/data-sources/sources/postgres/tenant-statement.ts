// One statement in a tenant's context: one flush, and so one implicit transaction that the context cannot outlive.
import { runTransaction, type TextRow, type Transaction } from '@/lib/postgres';
import { isConnectionGone, refusedByFence } from '../../errors';
import { isPooled } from '../../pool/connect';
import { afterRows, CLEAN_AND_COMMIT, CLEAN_SESSION, ROLLBACK_CLEAN } from '../../pool/session-cleaning';
import { databaseRoleOf, type Identity, type Route } from '../../routing/route';
import { answers, BEGIN, type Sessions } from './sessions';
import { type StatementLog, waitForSession } from './statement-log';

/** A transaction of the data engine, or one statement on rows of a developer's own. */
export interface TenantStatement extends Transaction {
  /** SQL that the data engine did not make: the session is cleaned after it. */
  developers?: boolean;
}

/**
 * Runs a statement for a tenant. A read whose kept connection turns out to be gone is run once more on a new one; a write is
 * not, since it may have been done.
 *
 * @throws DataSourceError `route_stale`; `outcome_unknown` for a write whose answer was lost; pg.DatabaseError
 */
export async function runStatement(
  sessions: Sessions,
  log: StatementLog,
  route: Route,
  identity: Identity,
  statement: TenantStatement,
  signal: AbortSignal | undefined,
): Promise<TextRow[]> {
  const named = forRole(statement, identity);
  try {
    return await runOnce(sessions, log, route, identity, named, signal);
  } catch (error) {
    if (!statement.readOnly || !sessions.renewAfter(error)) throw error;
    return runOnce(sessions, log, route, identity, named, signal);
  }
}

async function runOnce(
  sessions: Sessions,
  log: StatementLog,
  route: Route,
  identity: Identity,
  transaction: TenantStatement,
  signal: AbortSignal | undefined,
): Promise<TextRow[]> {
  const { readOnly, developers = false } = transaction;
  const { text } = transaction.statement;
  const span = log.begin('tenant statement');
  const lease = sessions.tryLend(route) ?? (await waitForSession(sessions, log, route, span, signal));
  lease.limit(route.limits.statementTimeoutMs, lease.since);
  const pooled = isPooled(lease.client);
  // What fails behind a pooler must be cleaned up before the transaction's end gives the session to others.
  const explicit = developers && pooled;
  const enter = sessions.enter(route, identity, readOnly);
  let failure: unknown;
  try {
    return await runTransaction(lease.client, transaction, explicit ? [BEGIN, enter] : [enter], {
      after: developers ? (pooled ? CLEAN_AND_COMMIT : afterRows(text, readOnly)) : [],
      prepare: !explicit && (route.limits.prepare ?? !pooled),
      contextSetsReadOnly: true,
      signal,
      control: lease,
    });
  } catch (error) {
    if (isConnectionGone(error)) lease.broken = true;
    const refused = refusedByFence(route.tenantId, error);
    failure = refused ?? sessions.failureOf(error, lease, readOnly);
    // A rollback undoes what was set, but not locks of the session.
    if (!lease.broken && (explicit || (developers && !refused))) {
      lease.broken = !(await answers(lease, explicit ? ROLLBACK_CLEAN : CLEAN_SESSION));
    }
    log.failed(route, span, failure);
    throw failure;
  } finally {
    log.finished(route, span, lease, text, failure, readOnly ? { identity, transaction } : undefined);
    lease.release();
  }
}

/** A plan is made for a role, since policies are part of it: under another role's name it would be made anew each time. */
function forRole(statement: TenantStatement, identity: Identity): TenantStatement {
  const { name } = statement.statement;
  if (identity.role === 'tenant_service' || !name) return statement;
  const suffix = databaseRoleOf(identity) === 'authenticated' ? 'a' : 'm';
  return { ...statement, statement: { ...statement.statement, name: `${name}:${suffix}` } };
}
