// The ends of a move that remove what it made: completed, or given up before its cut-over.
import { MovementError } from '../../errors';
import type { MoveSession, RunEnd } from '../open-move';
import { recover } from './cutting-over';

/** Closes the old home for good and removes its rows. */
export async function complete(session: MoveSession): Promise<RunEnd> {
  const { move, store } = session;
  const old = { dataSource: move.fromSource };
  // The rows and the fence of the new home stay; those of the old go.
  await store.forgetObject(move, { kind: 'rows', dataSource: move.toSource, name: move.toTenantId });
  await store.forgetObject(move, { kind: 'fence', dataSource: move.toSource, name: move.toTenantId });
  await store.recordObject(move, { ...old, kind: 'rows', name: move.fromTenantId });
  await store.recordObject(move, { ...old, kind: 'fence', name: move.fromTenantId });
  const { certificate } = move;
  await session.finish('completed', 'tenants.move_completed', {
    ...(await session.removeAll()),
    certificate,
  });
  return 'completed';
}

/** @throws MovementError `move_not_possible` when the cut-over turns out to have been made */
export async function abort(session: MoveSession): Promise<RunEnd> {
  const { move, store } = session;
  if (move.step === 'cutting_over') await recover(session);
  if (move.step === 'way_back') {
    throw new MovementError('move_not_possible', 'The tenant has moved already.', {
      hint: 'Use: marquee move rollback',
    });
  }
  await store.setStep(move, 'aborting');
  return endWithoutMoving(session);
}

/** Removes what the move made at both homes; the tenant lives in the old one. */
export async function endWithoutMoving(session: MoveSession): Promise<'aborted' | 'rolled_back'> {
  const step = session.move.progress.rolledBack ? 'rolled_back' : 'aborted';
  const { left } = await session.removeAll();
  await session.finish(step, `tenants.move_${step}`, { left });
  return step;
}
