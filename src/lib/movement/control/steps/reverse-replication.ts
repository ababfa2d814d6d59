// After the cut-over: replicates from the target to the source until the operator completes the move or rolls it back.
import { cutOver } from '../../cutover/cut-over';
import { holderOf, holdFence } from '../../cutover/fence';
import { keepOpen, recoverCutOver } from '../../cutover/recovery';
import { describe, differsBeforeCompletion, MovementError, verificationFailed } from '../../errors';
import { awaitCatchUp, startReverse } from '../../stream/directions';
import { certifyLate, compareWhileReplicating } from '../../verify/certificate';
import { compareChanged } from '../../verify/compare';
import type { MoveCommand } from '../move';
import type { MoveContext } from '../move-context';
import type { MoveRun } from '../move-run';
import { pauseLimitOf } from '../pace';
import type { RunEnd } from '../run-end';
import { giveUpCutOver, LAG_WAIT_MS } from './cutting-over';
import { endWithoutMoving } from './ending';

/** `abort` was given before the cut-over had ended. */
const TAKES_BACK: readonly MoveCommand[] = ['rollback', 'abort'];

/** @returns when the operator has to decide, or the move was rolled back */
export async function replicateBack(run: MoveRun): Promise<RunEnd | undefined> {
  const { move, store } = run;
  await run.lease.leaveServers();
  const context = await openReverse(run).catch(async (error: unknown) => {
    // A move whose reverse replication is lost can still be completed.
    const detail = { reverseReplication: describe(error).code };
    if (!(await store.setStepFor(move, 'completing', ['complete'], detail))) throw whereItIs(error);
  });
  if (!context) return undefined;
  await context.hooks('reverse_replication');
  for (;;) {
    const wanted = await store.wanted(move.id);
    if (wanted === 'rollback' || wanted === 'abort') return rollBack(run, context, wanted);
    if (wanted === 'complete') await refuseDifferences(run, context);
    if (wanted === 'complete' || (wanted !== 'pause' && move.options.autoComplete)) {
      if (await store.setStepFor(move, 'completing', [wanted])) return undefined;
      continue;
    }
    if (run.options.returnWhenWaiting) return 'moved';
    if (wanted === 'pause') return 'paused';
    await run.wait([run.reverse]);
    if (run.reverse && context.changed.size > 0)
      await compareChanged(context.tables.target, context.target, context.source, context.changed);
  }
}

async function openReverse(run: MoveRun): Promise<MoveContext> {
  // First of all: without it the tenant may wait.
  if (await keepOpen(run, run.toOpen('target'))) await keepClosed(run);
  await run.endForward();
  const context = await run.openWithTables();
  if (run.move.mode !== 'offline') {
    run.reverse ??= await startReverse(context);
    run.watcher()?.takeChanges();
  }
  if (!run.move.certificate) await certifyLate(run, context);
  return context;
}

/** The source's fence, which a promoted standby may still have open. */
async function keepClosed(run: MoveRun): Promise<void> {
  const { client, tenantId } = await run.endpoint('source');
  await holdFence(client, tenantId, holderOf(run.move), 60_000);
}

/**
 * Compares all rows before those of the source are removed: a failover of the target to a standby that was behind may have lost writes
 * that the source has received already.
 *
 * @throws MovementError `move_verification_failed`, unless the operator has decided to complete despite differences
 */
async function refuseDifferences({ move, store, reverse }: MoveRun, context: MoveContext): Promise<void> {
  const { despiteDifferences } = (await store.get(move.id)).options;
  // The source of an offline move is as it was at the cut-over.
  if (!reverse || despiteDifferences) return;
  const { source, target } = context;
  const { differences } = await compareWhileReplicating(context, { from: target, to: source }, reverse);
  if (differences.length === 0) return;
  const reason = differsBeforeCompletion(differences.length);
  await store.giveUp(move, 'reverse_replication', describe(reason), ['complete']);
  throw reason;
}

/** The error with the place of the tenant. If a slot is lost, only the rollback is lost with it. */
function whereItIs(error: unknown): unknown {
  if (!(error instanceof MovementError && error.code === 'move_slot_lost')) return error;
  return new MovementError(
    'move_slot_lost',
    `${error.message} The tenant is at the target, and the move cannot be rolled back.`,
    {
      hint: 'Compare source and target (marquee move verify), then: marquee move complete',
      cause: error,
    },
  );
}

/** A cut-over from the target to the source. @returns undefined where something else is wanted by now */
async function rollBack(
  run: MoveRun,
  context: MoveContext,
  wanted: MoveCommand,
): Promise<RunEnd | undefined> {
  const { move, store, reverse, dependencies } = run;
  const { source, target } = context;
  if (!reverse) {
    await store.want(move.id, 'run', TAKES_BACK);
    throw new MovementError('move_not_possible', 'An offline move cannot be rolled back.', {
      hint: 'Move the tenant again: marquee move start',
    });
  }
  // All rows are compared, because writes of others at the source have not been watched since the cut-over.
  const { differences } = await compareWhileReplicating(context, { from: target, to: source }, reverse);
  if (differences.length > 0) {
    await giveUpCutOver(run, 'reverse_replication', verificationFailed(differences.length), TAKES_BACK);
  }
  await awaitCatchUp(target, reverse, LAG_WAIT_MS);
  if (!(await store.setStepFor(move, 'rolling_back', [wanted]))) return undefined;
  const result = await cutOver({
    ...{ move, store, dependencies, replicator: reverse },
    ...{ from: target, to: source, tables: context.tables.source, changed: context.changed },
    pauseLimitMs: pauseLimitOf(move),
  });
  if (!result.done) return giveUpCutOver(run, 'reverse_replication', result.reason, TAKES_BACK);
  // The readers' open snapshots would block dropping triggers.
  await Promise.all([source, target].map(({ reader }) => reader.query('rollback')));
  await store.addProgress(move, { pauseMs: result.pauseMs });
  return endRolledBack(run);
}

/** Recovers a rollback whose process ended. */
export async function recoverRollback(run: MoveRun): Promise<RunEnd | undefined> {
  const { move, store, dependencies } = run;
  const done = await recoverCutOver({
    ...{ move, dependencies },
    from: run.toOpen('target'),
    to: run.toOpen('source'),
  });
  if (done) return endRolledBack(run);
  return void (await store.setStep(move, 'reverse_replication', { recovered: true }));
}

async function endRolledBack(run: MoveRun): Promise<RunEnd> {
  await run.store.addProgress(run.move, { rolledBack: true });
  await run.store.setStep(run.move, 'aborting', { rolledBack: true });
  return endWithoutMoving(run);
}
