// An interactive transaction in a tenant's context, for trusted server code.
import pg from 'pg';
import { runPipeline, type Statement } from '@/lib/postgres';
import { pause } from '@/lib/time';
import { connectionError, isConnectionGone, outcomeUnknown } from '../../connection-errors';
import { DataSourceError, isStaleRoute, refusedByFence } from '../../errors';
import type { Lease } from '../../pool/lease';
import { BEGIN, BEGIN_READING, COMMIT_CLEAN, ROLLBACK_CLEAN } from '../../pool/session-cleaning';
import type { Identity, Route } from '../../routing/route';
import {
  didNothing,
  FAILOVER_MS,
  FAILOVER_PAUSE_MS,
  hasNoPrimary,
  isAnswerLost,
  isMarkTaken,
  newMark,
} from './marks';
import type { Sessions } from './sessions';
import { type StatementLog, waitForSession } from './statement-log';
import { type TenantTransaction, TransactionClient } from './transaction-client';

export interface Work<T> {
  work: (transaction: TenantTransaction) => Promise<T>;
  readOnly: boolean;
  signal: AbortSignal | undefined;
  /** Statement to run before the tenant is entered. */
  before?: Statement | undefined;
  /** The mark of a write, if the source has several hosts. */
  mark?: Statement | undefined;
  /** Set when `work` has been called: it is not repeated afterwards. */
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
  if (sessions.hasSeveralHosts) return runThroughFailover(sessions, log, route, identity, work);
  try {
    return await runOnce(sessions, log, route, identity, work);
  } catch (error) {
    // The kept connection had ended, or led to a standby, before anything was done on it, so a new one is tried.
    if (work.hasBegun || !(hasNoPrimary(error) || sessions.renewAfter(error))) throw error;
    return runOnce(sessions, log, route, identity, work);
  }
}

/** Runs `work` at a source with several hosts, when there is a primary. If the answer to the commit is lost, its mark is looked up. */
async function runThroughFailover<T>(
  sessions: Sessions,
  log: StatementLog,
  route: Route,
  identity: Identity,
  work: Work<T>,
): Promise<T> {
  const mark = work.readOnly ? undefined : newMark(route);
  const done: { result?: T } = {};
  const kept: Work<T> = {
    ...work,
    mark,
    work: async (transaction) => {
      kept.hasBegun = true;
      const result = await work.work(transaction);
      done.result = result;
      return result;
    },
  };
  const until = performance.now() + FAILOVER_MS;
  for (;;) {
    try {
      return await runOnce(sessions, log, route, identity, kept);
    } catch (error) {
      if (mark && isAnswerLost(error)) {
        if (await wasCommitted(sessions, log, route, identity, mark, error)) return done.result as T;
        throw new DataSourceError(
          'data_source_connection_lost',
          'The transaction was lost in a failover: it was not committed.',
          {
            cause: error,
          },
        );
      }
      // Reads at a standby are valid only if the route still is. `work` is not called a second time by another route.
      if (kept.hasBegun && isStaleRoute(error)) throw endedByMove(error);
      const isWorthIt = didNothing(error) || (work.readOnly && sessions.mayReadAgain(error));
      if (kept.hasBegun || !isWorthIt || performance.now() > until || work.signal?.aborted) throw error;
      await pause(FAILOVER_PAUSE_MS);
    }
  }
}

/**
 * Whether the transaction with the mark was committed. A second transaction with the same mark waits for it, if it still runs.
 *
 * @throws `unknown` if this cannot be found out
 */
async function wasCommitted(
  sessions: Sessions,
  log: StatementLog,
  route: Route,
  identity: Identity,
  mark: Statement,
  unknown: unknown,
): Promise<boolean> {
  const until = performance.now() + FAILOVER_MS;
  for (;;) {
    try {
      await runOnce(sessions, log, route, identity, {
        mark,
        readOnly: false,
        signal: undefined,
        work: async () => {
          throw NOT_COMMITTED;
        },
      });
    } catch (error) {
      if (error === NOT_COMMITTED) return false;
      if (isMarkTaken(error)) return true;
      // The mark was not taken and the tenant has moved, so the transaction can no longer be committed.
      if (isStaleRoute(error)) return false;
      if ((!didNothing(error) && !hasNoPrimary(error)) || performance.now() > until) throw unknown;
      await pause(FAILOVER_PAUSE_MS);
    }
  }
}

function endedByMove(cause: unknown): DataSourceError {
  return new DataSourceError(
    'replica_conflict',
    'The tenant was moved while a standby answered this transaction.',
    {
      cause,
    },
  );
}

const NOT_COMMITTED = new Error('Rolled back on purpose.');

async function runOnce<T>(
  sessions: Sessions,
  log: StatementLog,
  route: Route,
  identity: Identity,
  given: Work<T>,
): Promise<T> {
  const { limits } = route;
  const { signal, readOnly } = given;
  const span = log.begin('tenant transaction');
  const lease =
    sessions.tryLend(route, readOnly) ?? (await waitForSession(sessions, log, route, span, readOnly, signal));
  let broken = true;
  let failure: unknown;
  lease.limitFromServer(limits.statementTimeoutMs);
  try {
    await runPipeline(
      lease.client,
      [
        readOnly ? BEGIN_READING : BEGIN,
        ...(given.before ? [given.before] : []),
        ...(given.mark ? [given.mark] : []),
        sessions.enter(route, identity, readOnly, lease),
        {
          text: "select set_config('statement_timeout', $1, true), set_config('idle_in_transaction_session_timeout', $2, true)",
          values: [limits.statementTimeoutMs, limits.idleInTransactionTimeoutMs],
        },
      ],
      { prepare: false },
    ).catch(async (error: unknown) => {
      broken = !(await lease.answers('rollback'));
      const isAtStandby = broken ? undefined : await sessions.refusedByStandby(error, lease);
      throw refusedByFence(route.tenantId, error) ?? isAtStandby ?? error;
    });
    const transaction = new TransactionClient(lease, route, signal, (text, ms, rows) =>
      log.ranInside(route, text, ms, rows),
    );
    let result: T;
    try {
      given.hasBegun = true;
      result = await lease.whileConnected(() => given.work(transaction));
      transaction.expectOpen();
      await transaction.end(false);
      await commit(sessions.id, lease, limits.statementTimeoutMs);
      await sessions.confirm(route, lease);
    } catch (error) {
      await transaction.end(true);
      broken = !(await lease.answers(ROLLBACK_CLEAN)) || !transaction.sessionUsable;
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
    log.finished(route, span, lease, 'transaction', undefined, failure);
    lease.release(broken);
  }
}

async function commit(id: string, lease: Lease, timeoutMs: number): Promise<void> {
  lease.limitFromServer(timeoutMs);
  try {
    await lease.client.query(COMMIT_CLEAN);
    if (lease.unreplicated) throw outcomeUnknown(id, undefined);
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
