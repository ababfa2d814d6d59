// Replicates to the target and compares both databases, until the operator asks for the cut-over.
import { keepOpen } from '../../cutover/recovery';
import { verificationFailed } from '../../errors';
import { startForward, startReverse } from '../../stream/directions';
import { prepareReverse } from '../../stream/prepare';
import type { Replicator } from '../../stream/replicator';
import { compareWhileReplicating } from '../../verify/certificate';
import { compareChanged } from '../../verify/compare';
import { admitShadowReads } from '../../verify/shadow-reads/gate';
import type { MoveCommand } from '../move';
import type { MoveContext } from '../move-context';
import type { MoveRun } from '../move-run';
import { type RunEnd, stopFor } from '../run-end';
import { moveRoute, reportLag } from './cutting-over';

/** @throws MovementError `move_verification_failed`, `move_lag_too_high`, and those of a failed cut-over */
export async function catchUp(run: MoveRun): Promise<RunEnd | undefined> {
  const { move, store } = run;
  await keepOpen(run, run.toOpen('source'));
  const context = await run.openWithTables();
  await context.hooks('catch_up');
  run.forward ??= await startForward(context);
  if (!run.reverse) {
    await prepareReverse(context);
    // A change log at the target keeps the writes of others until the cut-over reads them. A stream has to be watched.
    if (move.mode === 'logical') run.reverse = await startReverse(context, { watchOnly: true });
  }
  if (!run.verified) await verify(run, context, run.forward);
  for (;;) {
    const wanted = await store.wanted(move.id);
    const stop = stopFor(wanted);
    if (stop) throw stop;
    await reportLag(run, context, run.forward);
    if (wanted === 'cut_over' || wanted === 'complete' || move.options.autoCutOver) {
      await admit(run, wanted);
      await moveRoute(run, context, [wanted]);
      return undefined;
    }
    if (run.options.returnWhenWaiting) return 'ready';
    await run.wait([run.forward, run.reverse]);
    await compareChanged(context.tables.target, context.source, context.target, context.changed);
  }
}

/** Checks whether the shadow reads allow the cut-over. If not, the operator decides when to try again. */
async function admit({ move, store, dependencies }: MoveRun, wanted: MoveCommand): Promise<void> {
  try {
    await admitShadowReads(dependencies, move.id);
  } catch (error) {
    await store.want(move.id, move.options.autoCutOver ? 'pause' : 'run', [wanted]);
    throw error;
  }
}

async function verify(run: MoveRun, context: MoveContext, forward: Replicator): Promise<void> {
  await context.hooks('verify');
  const { source, target } = context;
  const { rows, differences } = await compareWhileReplicating(context, { from: source, to: target }, forward);
  if (differences.length > 0) throw verificationFailed(differences.length);
  run.verified = true;
  await run.store.addProgress(run.move, { verifiedAt: new Date().toISOString(), rows });
  await context.hooks('verified');
}
