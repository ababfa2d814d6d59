// A move as a row of the operations database, and the rule that only its current attempt changes it.
import type pg from 'pg';
import { MovementError } from '../errors';
import type { Move } from './move';

/** The columns of `moves` under the names of `Move`; bigint as text. */
export const COLUMNS = `id, tenant_id "tenantId", from_source "fromSource", to_source "toSource", from_tenant_id "fromTenantId",
  to_tenant_id "toTenantId", from_epoch::text "fromEpoch", mode, step, wanted, attempt, deciding_epoch::text "decidingEpoch", options, progress, error, certificate,
  requested_by "requestedBy", created_at "createdAt", updated_at "updatedAt", finished_at "finishedAt"`;

export type StoredMove = Omit<Move, 'decidingEpoch' | 'fromEpoch'> &
  Record<'decidingEpoch' | 'fromEpoch', string | null>;

export function toMove(row: StoredMove): Move {
  const epoch = (text: string | null) => (text === null ? null : BigInt(text));
  return { ...row, decidingEpoch: epoch(row.decidingEpoch), fromEpoch: epoch(row.fromEpoch) };
}

/**
 * Runs a statement that changes what a move records, as its current attempt: `where id = $1 and attempt = $2`.
 *
 * @param values of the parameters from `$3` on
 * @throws MovementError `move_taken_over` unless the statement changes exactly one row
 */
export async function asCurrentAttempt(
  pool: pg.Pool,
  move: Move,
  text: string,
  values: unknown[],
): Promise<void> {
  const { rowCount } = await pool.query(text, [move.id, move.attempt, ...values]);
  if (rowCount !== 1) throw takenOver();
}

export function takenOver(): MovementError {
  return new MovementError('move_taken_over', 'Another process has taken this move over.');
}
