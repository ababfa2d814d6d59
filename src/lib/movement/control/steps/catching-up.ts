// Keeps the new home current until the operator wants the cut-over, and compares both homes meanwhile.
import { verificationFailed } from '../../cutover/cut-over';
import { followBack, followOut, prepareWayBack } from '../../stream/replication';
import type { Follower } from '../../stream/replicator';
import { compareWhileFollowing } from '../../verify/certifying';
import { settleChanged } from '../../verify/compare';
import { admitDarkReads } from '../../verify/shadow-reads/gate';
import { type MoveContext, type MoveSession, type RunEnd, stopFor } from '../open-move';
import { moveRoute, reportLag } from './cutting-over';

/** @throws MovementError `move_verification_failed`, `move_lag_too_high`, and those of a cut-over that was given up */
export async function catchUp(session: MoveSession): Promise<RunEnd | undefined> {
  const { move, store } = session;
  const context = await session.opened();
  await context.hooks('catch_up');
  session.out ??= await followOut(context);
  if (!session.back) {
    await prepareWayBack(context);
    // A change log keeps what somebody else writes there until the cut-over looks at it.
    if (session.move.mode === 'logical') session.back = await followBack(context, true);
  }
  if (!session.verified) await verify(session, context);
  for (;;) {
    const wanted = await store.wanted(move.id);
    const stop = stopFor(wanted);
    if (stop) throw stop;
    await reportLag(session, context);
    if (wanted === 'cut_over' || wanted === 'complete' || move.options.autoCutOver) {
      await admit(session);
      await moveRoute(session, context);
      return undefined;
    }
    if (session.options.returnWhenWaiting) return 'ready';
    await session.wait([session.out, session.back]);
    await settleChanged(context.tables.to, context.from, context.to, context.changed);
  }
}

/** What reads at both homes have found may keep the move from its cut-over: the operator says when to try again. */
async function admit({ move, store, dependencies }: MoveSession): Promise<void> {
  try {
    await admitDarkReads(dependencies, move.id);
  } catch (error) {
    await store.want(move.id, move.options.autoCutOver ? 'pause' : 'run');
    throw error;
  }
}

async function verify(session: MoveSession, context: MoveContext): Promise<void> {
  await context.hooks('verify');
  const { rows, differences } = await compareWhileFollowing(session, context, session.out as Follower);
  if (differences.length > 0) throw verificationFailed(differences.length);
  session.verified = true;
  await session.store.addProgress(session.move, { verifiedAt: new Date().toISOString(), rows });
  await context.hooks('verified');
}
