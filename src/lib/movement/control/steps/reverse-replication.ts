// After the cut-over: the old home is kept current until the operator completes the move or rolls it back.
import { cutOver, recoverCutOver, verificationFailed } from '../../cutover/cut-over';
import { describe, MovementError } from '../../errors';
import { followBack } from '../../stream/replication';
import { certifyLate, compareWhileFollowing } from '../../verify/certifying';
import { settleChanged } from '../../verify/compare';
import type { MoveContext, MoveSession, RunEnd } from '../open-move';
import { backFrom, DEFAULT_PAUSE_LIMIT_MS } from './cutting-over';
import { endWithoutMoving } from './ending';

/** Keeps the old home current; answers when the operator has to decide or the move was rolled back. */
export async function keepWayBack(session: MoveSession): Promise<RunEnd | undefined> {
  const { move, store } = session;
  await session.lease.leaveServers();
  const context = await openWayBack(session).catch(async (error: unknown) => {
    // Without a way back there is still the way on.
    if ((await store.wanted(move.id)) !== 'complete') throw error;
    await store.setStep(move, 'completing', { wayBack: describe(error).code });
  });
  if (!context) return undefined;
  await context.hooks('way_back');
  for (;;) {
    const wanted = await store.wanted(move.id);
    if (wanted === 'rollback' || wanted === 'abort') return rollBack(session, context);
    if (wanted === 'complete' || move.options.autoComplete)
      return void (await store.setStep(move, 'completing'));
    if (session.options.returnWhenWaiting) return 'moved';
    if (wanted === 'pause') return 'paused';
    await session.wait([session.back]);
    if (session.back && context.changed.size > 0)
      await settleChanged(context.tables.to, context.to, context.from, context.changed);
  }
}

async function openWayBack(session: MoveSession): Promise<MoveContext> {
  await session.endOut();
  const context = await session.opened();
  if (session.move.mode !== 'offline') {
    session.back ??= await followBack(context, false);
    session.watcher()?.takeChanges();
  }
  if (!session.move.certificate) await certifyLate(session, context);
  return context;
}

/** A cut-over the other way. */
async function rollBack(session: MoveSession, context: MoveContext): Promise<RunEnd | undefined> {
  const { move, store, back } = session;
  if (!back) {
    await store.want(move.id, 'run');
    throw new MovementError('move_not_possible', 'An offline move has no way back.', {
      hint: 'Move the tenant again.',
    });
  }
  // The old home as a whole, since nothing has watched what else was done there.
  const { differences } = await compareWhileFollowing(session, context, back);
  if (differences.length > 0) await backFrom(session, 'way_back', verificationFailed(differences.length));
  await store.setStep(move, 'rolling_back');
  const result = await cutOver({
    ...{ move, store, dependencies: session.dependencies, follower: back },
    ...{ old: context.to, next: context.from, tables: context.tables.from, changed: context.changed },
    pauseLimitMs: move.options.pauseLimitMs ?? DEFAULT_PAUSE_LIMIT_MS,
  });
  if (!result.arrived) return backFrom(session, 'way_back', result.reason);
  // Their snapshots would be in the way of who drops triggers.
  await Promise.all([context.from, context.to].map(({ reader }) => reader.query('rollback')));
  await store.addProgress(move, { pauseMs: result.pauseMs });
  return endRolledBack(session);
}

/** As `recover`, for a rollback. */
export async function recoverRollback(session: MoveSession): Promise<RunEnd | undefined> {
  const [old, next] = [session.toOpen('to'), session.toOpen('from')];
  const arrived = await recoverCutOver({ ...session.decider(), old, next });
  if (arrived) return endRolledBack(session);
  return void (await session.store.setStep(session.move, 'way_back', { recovered: true }));
}

async function endRolledBack(session: MoveSession): Promise<RunEnd> {
  await session.store.addProgress(session.move, { rolledBack: true });
  await session.store.setStep(session.move, 'aborting', { rolledBack: true });
  return endWithoutMoving(session);
}
