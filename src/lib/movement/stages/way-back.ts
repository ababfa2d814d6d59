// After the cut-over: the old home is kept current until the operator completes the move or rolls it back.
import { cutOver, recoverCutOver } from '../cut-over';
import { MovementError } from '../errors';
import { followBack } from '../following';
import type { MoveContext, MoveSession, RunEnd } from '../session';
import { settleChanged } from '../verify';
import { DEFAULT_PAUSE_LIMIT_MS, GIVEN_UP } from './cutting-over';

/** Keeps the old home current; answers when the operator has to decide or the move was rolled back. */
export async function keepWayBack(session: MoveSession): Promise<RunEnd | undefined> {
  const { move, store } = session;
  const context = await session.opened();
  await session.lease.leaveServers(await session.servers(), move.options.perServer ?? 2);
  if (move.mode !== 'offline') {
    session.back ??= await followBack(context, false);
    session.watcher()?.takeChanges();
  }
  await session.endOut();
  await context.hooks('way_back');
  for (;;) {
    const wanted = await store.wanted(move.id);
    if (wanted === 'complete' || move.options.autoComplete)
      return void (await store.setStep(move, 'completing'));
    if (wanted === 'rollback' || wanted === 'abort') return rollBack(session, context);
    if (session.options.returnWhenWaiting) return 'moved';
    if (wanted === 'pause') return 'paused';
    await session.wait([session.back]);
    if (session.back && context.changed.size > 0)
      await settleChanged(context.tables.to, context.to, context.from, context.changed);
  }
}

/** A cut-over the other way. */
async function rollBack(session: MoveSession, context: MoveContext): Promise<RunEnd | undefined> {
  const { move, store } = session;
  if (!session.back) {
    throw new MovementError('move_not_possible', 'An offline move has no way back.', {
      hint: 'Move the tenant again.',
    });
  }
  await store.setStep(move, 'rolling_back');
  try {
    const result = await cutOver({
      ...{ move, store, dependencies: session.dependencies, follower: session.back },
      ...{ old: context.to, next: context.from, tables: context.tables.from, changed: context.changed },
      pauseLimitMs: move.options.pauseLimitMs ?? DEFAULT_PAUSE_LIMIT_MS,
    });
    await Promise.all([context.from, context.to].map(({ reader }) => reader.query('rollback')));
    await store.addProgress(move, { pauseMs: result.pauseMs });
  } catch (error) {
    if (error instanceof MovementError && GIVEN_UP.has(error.code)) {
      await store.setStep(move, 'way_back', { givenUp: error.code });
      await store.want(move.id, 'run');
    }
    throw error;
  }
  return endRolledBack(session);
}

/** As `recover`, for a rollback. */
export async function recoverRollback(session: MoveSession): Promise<RunEnd | undefined> {
  const context = await session.opened();
  const arrived = await recoverCutOver({ ...session.decider(), old: context.to, next: context.from });
  if (arrived) return endRolledBack(session);
  return void (await session.store.setStep(session.move, 'way_back', { recovered: true }));
}

async function endRolledBack(session: MoveSession): Promise<RunEnd> {
  await session.store.setStep(session.move, 'aborting', { rolledBack: true });
  await session.removeAll();
  await session.finish('rolled_back', 'tenants.move_rolled_back', {});
  return 'rolled_back';
}
