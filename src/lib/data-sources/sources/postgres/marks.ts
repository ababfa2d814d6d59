// A write to a source with several hosts carries a mark: a row that its transaction inserts (`tenancy.request_marks`). A transaction
// that is sent again with the same mark waits for the first one, and is refused where that was committed. So a write whose answer was lost in
// a failover can be sent again, and is done once.
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { classify } from '@/lib/failures';
import type { Statement } from '@/lib/postgres';
import { DataSourceError } from '../../errors';
import { MARK } from '../../pool/session-cleaning';
import type { Route } from '../../routing/route';

/** How long a statement is sent again and again while servers fail over, ms. */
export const FAILOVER_MS = 10_000;
/** So long for one that only reads: an attempt may wait as long as the above for a primary that turns out to be lost. */
export const FAILOVER_READ_MS = 3 * FAILOVER_MS;
/** Between two attempts, ms. */
export const FAILOVER_PAUSE_MS = 20;

/** The statement that marks a transaction, before it enters the tenant. */
export function newMark({ tenantIdInDataSource }: Route): Statement {
  return { name: 'marquee_mark', text: MARK, values: [tenantIdInDataSource, randomUUID()] };
}

/** Whether an earlier transaction with the same mark was committed. */
export function isMarkTaken(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.constraint === 'request_marks_once';
}

/** The write stands; its answer is lost. */
export function changeMade(id: string, cause: unknown): DataSourceError {
  return new DataSourceError(
    'change_made',
    `The change was made in the database of ${id}, but its answer was lost in a failover.`,
    { cause },
  );
}

const NOTHING_DONE = new Set([
  'data_source_shutting_down',
  'data_source_connection_lost',
  'data_source_unreachable',
]);

/** Whether a statement failed before it could do anything, because the server cannot be reached or is no longer the primary. */
export function didNothing(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return error.code === '25006';
  return error instanceof DataSourceError && NOTHING_DONE.has(error.code);
}

/** Whether the answer of a write was lost with its connection: its mark shows whether it was committed. */
export function isAnswerLost(error: unknown): boolean {
  return (
    error instanceof DataSourceError &&
    error.code === 'outcome_unknown' &&
    classify(error.cause).session === 'gone'
  );
}
