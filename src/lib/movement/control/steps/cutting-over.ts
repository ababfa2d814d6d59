// The cut-over as a step of a move: when it may begin, what it records, and what follows when it fails.
import { setTimeout as sleep } from 'node:timers/promises';
import { isTransient } from '@/lib/failures';
import { cutOver } from '../../cutover/cut-over';
import { recoverCutOver } from '../../cutover/recovery';
import { describe, MovementError } from '../../errors';
import { awaitCatchUp, findRogueChange } from '../../stream/directions';
import type { Replicator } from '../../stream/replicator';
import { certifyFromSnapshots } from '../../verify/certificate';
import { compareChanged } from '../../verify/compare';
import { currentLsn } from '../endpoints';
import type { MoveCommand, MoveStep } from '../move';
import type { MoveContext } from '../move-context';
import type { MoveRun } from '../move-run';
import { pauseLimitOf } from '../pace';
import { Stop } from '../run-end';

const DEFAULT_LAG_LIMIT_BYTES = 1 << 20;
/** How long a cut-over waits for replication to catch up, ms. The tenant continues to work meanwhile. */
export const LAG_WAIT_MS = 60_000;
/** After a cut-over the move waits for this multiple of the pause, so that queued statements of the tenant run first. */
const SETTLE_PAUSES = 3;
const SETTLE_MOST_MS = 1_000;

const ASKS_FOR_CUT_OVER: readonly MoveCommand[] = ['cut_over', 'complete'];

/**
 * Cuts over to the target, or leaves the tenant at the source: see "Cut-over" in README.md.
 *
 * @param wanted the commands under which the cut-over begins; if the operator gives another one before that, nothing is changed
 */
export async function moveRoute(
  run: MoveRun,
  context: MoveContext,
  wanted: readonly MoveCommand[],
): Promise<void> {
  const { move, store } = run;
  const forward = run.forward as Replicator;
  await context.hooks('cut_over');
  await waitForLag(run, context, forward);
  // The second comparison has only what changed during the first.
  for (let round = 0; round < 2 && move.mode !== 'offline'; round += 1) {
    await compareChanged(context.tables.target, context.source, context.target, context.changed);
  }
  const offline = move.mode === 'offline';
  // Changes that were gathered during the comparisons are applied now, so that the pause is shorter.
  if (!offline) await awaitCatchUp(context.source, forward, LAG_WAIT_MS);
  if (!(await store.setStepFor(move, 'cutting_over', wanted))) return;
  const result = await cutOver({
    ...{ move, store, dependencies: run.dependencies, replicator: forward },
    ...{ from: context.source, to: context.target, tables: context.tables.target, changed: context.changed },
    throwIfStopped: () => run.throwIfStopped(),
    findRogue: (timeoutMs) => findRogueChange(context, run.watcher(), timeoutMs),
    pauseLimitMs: pauseLimitOf(move),
  });
  if (!result.done) {
    run.watcher()?.resume();
    return await giveUpCutOver(run, offline ? 'preparing' : 'catching_up', result.reason, ASKS_FOR_CUT_OVER);
  }
  // This comes first, because the tenant already writes at the target.
  run.watcher()?.takeChanges();
  const { pauseMs, compared } = result;
  await store.setStep(move, 'reverse_replication', { pauseMs: Math.round(pauseMs), compared });
  await store.addProgress(move, { pauseMs, appliedLsn: String(forward.position) });
  await store.want(move.id, 'run', ['cut_over']);
  const cutOverAt = new Date();
  await sleep(Math.min(pauseMs * SETTLE_PAUSES, SETTLE_MOST_MS), undefined, { signal: run.options.signal });
  await certifyFromSnapshots(run, context, cutOverAt);
  await run.endForward();
}

/**
 * Records a failed cut-over and throws its reason. The cut-over is tried again by itself only with `autoCutOver`, or when a
 * connection was lost; else the operator has to ask for it again.
 *
 * @param asks the commands that ask for it; they are reset, unless it is tried again by itself
 */
export async function giveUpCutOver(
  run: MoveRun,
  step: MoveStep,
  reason: unknown,
  asks: readonly MoveCommand[],
): Promise<never> {
  const { move, store } = run;
  if (reason instanceof Stop) {
    await store.setStep(move, step);
  } else {
    const again = Boolean(move.options.autoCutOver) || isTransient(reason);
    await store.addProgress(move, { cutOverAttempts: (move.progress.cutOverAttempts ?? 0) + 1 });
    await store.giveUp(move, step, describe(reason), again ? [] : asks);
  }
  throw reason;
}

async function waitForLag(run: MoveRun, context: MoveContext, forward: Replicator): Promise<void> {
  const limit = BigInt(run.move.options.lagLimitBytes ?? DEFAULT_LAG_LIMIT_BYTES);
  const watcher = run.watcher();
  // The watcher has to read the WAL of the copy before it can tell that no other client has written.
  if (watcher) await awaitCatchUp(context.target, watcher, LAG_WAIT_MS);
  const until = performance.now() + LAG_WAIT_MS;
  while (performance.now() < until) {
    if ((await reportLag(run, context, forward)) <= limit) return;
    await run.throwIfStopped();
    await sleep(100);
  }
  throw new MovementError('move_lag_too_high', 'Replication does not keep up with the tenant’s writes.', {
    hint: 'Cut over at a quieter time, or raise lagLimitBytes.',
  });
}

/** Records and returns how far the target lags, in bytes of WAL. */
export async function reportLag(
  run: MoveRun,
  { source, changed }: MoveContext,
  forward: Replicator,
): Promise<bigint> {
  const lag = forward.lag(run.move.mode === 'logical' ? await currentLsn(source) : 0n);
  await run.store.addProgress(run.move, { lagBytes: Number(lag), changedKeys: changed.size });
  return lag;
}

/** Recovers a cut-over whose process has ended. The recorded route decides which fence is opened. */
export async function recover(run: MoveRun): Promise<void> {
  // The tables are not checked here, since the tenant waits until this is done.
  const { move, store, dependencies } = run;
  const done = await recoverCutOver({
    ...{ move, dependencies },
    from: run.toOpen('source'),
    to: run.toOpen('target'),
  });
  const before = move.mode === 'offline' ? 'preparing' : 'catching_up';
  await store.setStep(move, done ? 'reverse_replication' : before, { recovered: true });
}
