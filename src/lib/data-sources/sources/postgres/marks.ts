// A write to a source with several hosts carries a mark: a row that its transaction inserts (`tenancy.request_marks`). If the transaction is
// sent again with the same mark, it waits for the first attempt, and is refused if that was committed. So a write whose answer was lost in a
// failover can be sent again and is done only once.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { classify } from '@/lib/failures';
import type { Statement } from '@/lib/postgres';
import { DataSourceError, isServerGone } from '../../errors';
import { MARK } from '../../pool/session-cleaning';
import type { Route } from '../../routing/route';

/** How long a write is repeated while servers fail over, ms. */
export const FAILOVER_MS = 10_000;
/** Pause between two attempts, ms. */
export const FAILOVER_PAUSE_MS = 20;

/** The statement that marks a transaction, before it enters the tenant. */
export function newMark({ tenantIdInDataSource }: Route): Statement {
  return { name: 'marquee_mark', text: MARK, values: [tenantIdInDataSource, randomUUID()] };
}

/** Whether an earlier transaction with the same mark was committed. */
export function isMarkTaken(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.constraint === 'request_marks_once';
}

/** The error of a write that was committed but whose answer is lost. */
export function changeMade(id: string, cause: unknown): DataSourceError {
  return new DataSourceError(
    'change_made',
    `The change was made in the database of ${id}, but its answer was lost in a failover.`,
    { cause },
  );
}

/** Whether a write failed before it could do anything, because the server cannot be reached or is no longer the primary. */
export function didNothing(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return error.code === '25006';
  return isServerGone(error);
}

/**
 * Whether the server has refused the statement itself. It had inserted the mark before, so no earlier attempt was committed. Errors that
 * could have prevented the insertion of the mark do not count: they tell nothing about earlier attempts.
 */
export function isRefusal(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError)) return false;
  const { kind, code } = classify(error);
  return kind === 'refused' && code !== '25006' && !/^(58|F0|XX)/.test(code);
}

/** Whether there was no primary for as long as a statement may wait for one. */
export function hasNoPrimary(error: unknown): boolean {
  return error instanceof DataSourceError && error.code === 'data_source_no_primary';
}

/** Whether the answer to a write was lost with its connection. Its mark then shows whether it was committed. */
export function isAnswerLost(error: unknown): boolean {
  return (
    error instanceof DataSourceError &&
    error.code === 'outcome_unknown' &&
    classify(error.cause).session === 'gone'
  );
}
