// One statement in a tenant's context. All is one flush, and so one implicit transaction: the context ends with it.
import pg from 'pg';
import { rowsOf, runTransaction, type Statement, type TextRow, type Transaction } from '@/lib/postgres';
import { pause } from '@/lib/time';
import { isConnectionGone, outcomeUnknown } from '../../connection-errors';
import { refusedByFence } from '../../errors';
import { withClaimsKept } from '../../pool/claims-kept';
import { isPooled } from '../../pool/connect';
import {
  afterRows,
  BEGIN,
  BEGIN_READING,
  CLEAN_AND_COMMIT,
  CLEAN_SESSION,
  ROLLBACK_CLEAN,
} from '../../pool/session-cleaning';
import { databaseRoleOf, type Identity, type Route } from '../../routing/route';
import {
  changeMade,
  didNothing,
  FAILOVER_MS,
  FAILOVER_PAUSE_MS,
  hasNoPrimary,
  isAnswerLost,
  isMarkTaken,
  isRefusal,
  newMark,
} from './marks';
import { readThroughFailover } from './read-through-failover';
import type { Sessions } from './sessions';
import { type StatementLog, waitForSession } from './statement-log';

/** Attempts after deadlocks. A deadlock ends by rolling one statement back, so a third attempt is seldom needed. */
const DEADLOCK_ATTEMPTS = 3;

/** A transaction of the data engine, or one statement on rows of a developer's own. */
export interface TenantStatement extends Transaction {
  /** Whether the SQL was written by developers and not by the data engine: the session is then cleaned after it. */
  developers?: boolean;
  /** Statement to run before the tenant is entered, in the same transaction. */
  before?: Statement | undefined;
  /** Whether it may run a function of the database's owner, which can do the same as developers' SQL. */
  callsFunction?: boolean;
}

/**
 * Runs a statement for a tenant. If a kept connection has ended, a read is run again on a new one; a write is not, since it may have been
 * done. A statement that PostgreSQL rolled back to end a deadlock, or that a standby refused, is run again, since it has done nothing.
 *
 * If the source has several hosts, a read is sent again until the primary or a standby answers, and a write, with its mark, until a primary
 * answers.
 *
 * @throws DataSourceError `route_stale`; `outcome_unknown` for a write whose answer was lost, `change_made` if it is known to be committed;
 *   `data_source_no_primary`; pg.DatabaseError
 */
export async function runStatement(
  sessions: Sessions,
  log: StatementLog,
  route: Route,
  identity: Identity,
  statement: TenantStatement,
  signal: AbortSignal | undefined,
): Promise<TextRow[]> {
  if (sessions.hasSeveralHosts) {
    if (!statement.readOnly) return writeThroughFailover(sessions, log, route, identity, statement, signal);
    const read = () => runOnce(sessions, log, route, identity, statement, signal);
    return readThroughFailover(sessions, read, signal);
  }
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await runOnce(sessions, log, route, identity, statement, signal);
    } catch (error) {
      const isGone =
        attempt === 1 &&
        (statement.readOnly ? sessions.renewAfter(error) : !statement.developers && hasNoPrimary(error));
      if (!isGone && !(attempt < DEADLOCK_ATTEMPTS && isDeadlock(error, statement))) throw error;
    }
  }
}

async function writeThroughFailover(
  sessions: Sessions,
  log: StatementLog,
  route: Route,
  identity: Identity,
  statement: TenantStatement,
  signal: AbortSignal | undefined,
): Promise<TextRow[]> {
  const mark = newMark(route);
  let until: number | undefined;
  /** The error of the last attempt. */
  let earlier: unknown;
  /** The error of an earlier attempt that may have been committed. */
  let unknown: unknown;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await runOnce(sessions, log, route, identity, statement, signal, mark);
    } catch (error) {
      // Only an earlier attempt can have taken this mark. So that attempt was committed, whatever error it ended with.
      if (earlier && isMarkTaken(error)) throw changeMade(sessions.id, unknown ?? earlier);
      earlier = error;
      until ??= performance.now() + FAILOVER_MS;
      const isLost = isAnswerLost(error);
      if (isLost) unknown ??= error;
      const isWorthIt =
        isLost ||
        didNothing(error) ||
        (unknown && hasNoPrimary(error)) ||
        (attempt < DEADLOCK_ATTEMPTS && isDeadlock(error, statement));
      if (isWorthIt && performance.now() < until && !signal?.aborted) await pause(FAILOVER_PAUSE_MS);
      else throw unknown && !isRefusal(error) ? unknown : error;
    }
  }
}

/** Whether a statement was rolled back to end a deadlock. Developers' SQL is not repeated, since a procedure may have committed a part. */
function isDeadlock(error: unknown, { developers }: TenantStatement): boolean {
  return !developers && error instanceof pg.DatabaseError && error.code === '40P01';
}

async function runOnce(
  sessions: Sessions,
  log: StatementLog,
  route: Route,
  identity: Identity,
  transaction: TenantStatement,
  signal: AbortSignal | undefined,
  mark?: Statement,
): Promise<TextRow[]> {
  const { readOnly, developers = false, before } = transaction;
  const { text } = transaction.statement;
  const span = log.begin('tenant statement');
  const lease =
    sessions.tryLend(route, readOnly) ?? (await waitForSession(sessions, log, route, span, readOnly, signal));
  lease.repeatable = readOnly;
  lease.limit(route.limits.statementTimeoutMs, lease.since);
  const pooled = isPooled(lease.client);
  // Behind a pooler the end of the transaction gives the session to other clients, so a failed statement is cleaned up before it.
  const explicit = developers && pooled;
  const enter = sessions.enter(route, identity, readOnly, lease);
  const begin = explicit ? [readOnly ? BEGIN_READING : BEGIN] : [];
  const context = [...begin, ...(before ? [before] : []), ...(mark ? [mark] : []), enter];
  const counted = { rows: 0 };
  let failure: unknown;
  try {
    const sent = { ...transaction, statement: asSent(transaction, identity) };
    const rows = await runTransaction(lease.client, sent, context, {
      after: developers ? (pooled ? CLEAN_AND_COMMIT : afterRows(text, readOnly)) : [],
      prepare: !explicit && (route.limits.prepare ?? !pooled),
      contextSetsReadOnly: true,
      signal,
      control: lease,
    });
    counted.rows = rowsOf(transaction.statement, rows);
    if (lease.unreplicated && !readOnly) throw outcomeUnknown(sessions.id, undefined);
    await sessions.confirm(route, lease);
    return rows;
  } catch (error) {
    if (isConnectionGone(error)) lease.broken = true;
    const refused = refusedByFence(route.tenantId, error);
    failure = refused ?? sessions.failureOf(error, lease, readOnly);
    // A rollback undoes settings, but not locks of the session.
    if (!lease.broken && (explicit || (developers && !refused))) {
      lease.broken = !(await lease.answers(explicit ? ROLLBACK_CLEAN : CLEAN_SESSION));
    }
    if (!readOnly && !lease.broken) failure = (await sessions.refusedByStandby(error, lease)) ?? failure;
    log.failed(route, span, failure);
    throw failure;
  } finally {
    log.finished(
      route,
      span,
      lease,
      text,
      counted,
      failure,
      readOnly ? { identity, transaction } : undefined,
    );
    lease.release();
  }
}

/**
 * The statement as it is sent. Its name contains the role: policies are part of a plan, so roles that share a name would make PostgreSQL
 * plan it again each time.
 */
function asSent({ statement, developers, callsFunction }: TenantStatement, identity: Identity): Statement {
  const { name } = statement;
  const named =
    identity.role === 'tenant_service' || !name
      ? statement
      : { ...statement, name: `${name}:${databaseRoleOf(identity).replace('tenant_', '')}` };
  return callsFunction ? named : withClaimsKept(named, developers ? 'developers' : 'engine');
}
