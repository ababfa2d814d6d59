// An interactive transaction in a tenant's context, for trusted server code.
import pg from 'pg';
import { runPipeline } from '@/lib/postgres';
import {
  connectionError,
  DataSourceError,
  isConnectionGone,
  outcomeUnknown,
  refusedByFence,
} from '../../errors';
import type { Lease } from '../../pool/lease';
import { COMMIT_CLEAN, ROLLBACK_CLEAN } from '../../pool/session-cleaning';
import type { Identity, Route } from '../../routing/route';
import { LentClient, type TenantTransaction } from './lent-client';
import { answers, BEGIN, type Sessions } from './sessions';
import { type StatementLog, waitForSession } from './statement-log';

export interface Work<T> {
  work: (transaction: TenantTransaction) => Promise<T>;
  readOnly: boolean;
  signal: AbortSignal | undefined;
  /** Set once `work` was called: it is not repeated then. */
  hasBegun?: boolean;
}

/**
 * Runs `work` in one transaction; commits when it resolves, rolls back when it rejects.
 *
 * @throws DataSourceError `route_stale` before `work` was called; `outcome_unknown`, `transaction_aborted`; what `work` throws
 */
export async function runWork<T>(
  sessions: Sessions,
  log: StatementLog,
  route: Route,
  identity: Identity,
  work: Work<T>,
): Promise<T> {
  try {
    return await runOnce(sessions, log, route, identity, work);
  } catch (error) {
    // A kept connection was gone before anything was done on it: a new one will serve.
    if (work.hasBegun || !sessions.renewAfter(error)) throw error;
    return runOnce(sessions, log, route, identity, work);
  }
}

async function runOnce<T>(
  sessions: Sessions,
  log: StatementLog,
  route: Route,
  identity: Identity,
  given: Work<T>,
): Promise<T> {
  const { limits } = route;
  const { signal } = given;
  const span = log.begin('tenant transaction');
  const lease = sessions.tryLend(route) ?? (await waitForSession(sessions, log, route, span, signal));
  let broken = true;
  let failure: unknown;
  lease.limitFromServer(limits.statementTimeoutMs);
  try {
    await runPipeline(
      lease.client,
      [
        BEGIN,
        sessions.enter(route, identity, given.readOnly),
        {
          text: "select set_config('statement_timeout', $1, true), set_config('idle_in_transaction_session_timeout', $2, true)",
          values: [limits.statementTimeoutMs, limits.idleInTransactionTimeoutMs],
        },
      ],
      { prepare: false },
    ).catch(async (error: unknown) => {
      broken = !(await answers(lease, 'rollback'));
      throw refusedByFence(route.tenantId, error) ?? error;
    });
    const transaction = new LentClient(lease, route, signal);
    let result: T;
    try {
      given.hasBegun = true;
      result = await lease.whileConnected(() => given.work(transaction));
      transaction.expectOpen();
      await transaction.end(false);
      await commit(sessions.id, lease, limits.statementTimeoutMs);
    } catch (error) {
      await transaction.end(true);
      broken = !(await answers(lease, ROLLBACK_CLEAN)) || !transaction.sessionUsable;
      throw error;
    }
    broken = !transaction.sessionUsable;
    return result;
  } catch (error) {
    signal?.throwIfAborted();
    failure = connectionError(sessions.id, error, true) ?? error;
    log.failed(route, span, failure);
    throw failure;
  } finally {
    log.finished(route, span, lease, 'transaction', failure);
    lease.release(broken);
  }
}

async function commit(id: string, lease: Lease, timeoutMs: number): Promise<void> {
  lease.limitFromServer(timeoutMs);
  try {
    await lease.client.query(COMMIT_CLEAN);
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === '25P02') throw aborted();
    if (!isConnectionGone(error)) throw error;
    throw outcomeUnknown(id, error);
  }
}

function aborted(): DataSourceError {
  return new DataSourceError('transaction_aborted', 'A statement failed, and with it the transaction.', {
    hint: 'Let the error reach withTenantTransaction, or set a savepoint before what may fail.',
  });
}
