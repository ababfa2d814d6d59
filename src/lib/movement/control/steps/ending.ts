// The ends of a move, which remove what it has created: completed, or aborted before the cut-over.
import { keepOpen } from '../../cutover/recovery';
import { MovementError } from '../../errors';
import type { MoveRun } from '../move-run';
import type { RunEnd } from '../run-end';
import { recover } from './cutting-over';

/** Removes the tenant's rows and fence from the source. */
export async function complete(run: MoveRun): Promise<RunEnd> {
  const { move, store } = run;
  await keepOpen(run, run.toOpen('target'));
  const source = { dataSource: move.fromSource };
  // The rows and the fence of the target remain.
  await store.objects.forget(move, { kind: 'rows', dataSource: move.toSource, name: move.toTenantId });
  await store.objects.forget(move, { kind: 'fence', dataSource: move.toSource, name: move.toTenantId });
  await store.objects.record(move, { ...source, kind: 'rows', name: move.fromTenantId });
  await store.objects.record(move, { ...source, kind: 'fence', name: move.fromTenantId });
  const { certificate } = move;
  await run.finish('completed', 'tenants.move_completed', { ...(await run.removeAll()), certificate });
  return 'completed';
}

/**
 * @returns undefined if the operator has given another command meanwhile
 * @throws MovementError `move_not_possible` when recovery finds that the cut-over has been made
 */
export async function abort(run: MoveRun): Promise<RunEnd | undefined> {
  const { move, store } = run;
  if (move.step === 'cutting_over') await recover(run);
  if (move.step === 'reverse_replication') {
    throw new MovementError('move_not_possible', 'The tenant is at the target already.', {
      hint: 'Use: marquee move rollback',
    });
  }
  if (!(await store.setStepFor(move, 'aborting', ['abort', 'rollback']))) return undefined;
  return endWithoutMoving(run);
}

/** Removes the objects that the move has created at both endpoints. The tenant is at the source. */
export async function endWithoutMoving(run: MoveRun): Promise<'aborted' | 'rolled_back'> {
  const { move, store } = run;
  const step = move.progress.rolledBack ? 'rolled_back' : 'aborted';
  // If the move never closed the source's fence and created nothing there, the source need not be reachable.
  const objects = await store.objects.of(move.id);
  const mayHaveClosed = move.decidingEpoch !== null || (move.progress.cutOverAttempts ?? 0) > 0;
  if (mayHaveClosed || objects.some(({ dataSource }) => dataSource === move.fromSource))
    await keepOpen(run, run.toOpen('source'));
  const { left } = await run.removeAll();
  await run.finish(step, `tenants.move_${step}`, { left });
  return step;
}
