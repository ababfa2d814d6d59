// The cut-over as a step of the move: when it may begin, what is recorded of it, and what follows when it is given up.
import { setTimeout as sleep } from 'node:timers/promises';
import { isTransient } from '@/lib/failures';
import { cutOver, recoverCutOver } from '../../cutover/cut-over';
import { describe, MovementError } from '../../errors';
import { passMarker, rogueChange } from '../../stream/replication';
import type { Follower } from '../../stream/replicator';
import { certifyFromSnapshots } from '../../verify/certifying';
import { settleChanged } from '../../verify/compare';
import { currentLsn } from '../endpoints';
import type { MoveStep } from '../move-store';
import { type MoveContext, type MoveSession, Stop } from '../open-move';

export const DEFAULT_PAUSE_LIMIT_MS = 2_000;
const DEFAULT_LAG_LIMIT_BYTES = 1 << 20;
/** How long a cut-over waits for the streams to come near; the tenant is at work meanwhile. */
const LAG_WAIT_MS = 60_000;
/** After a pause the tenant's statements come all at once; until they are answered the move does nothing, for so many pauses. */
const SETTLE_PAUSES = 3;
const SETTLE_MOST_MS = 1_000;
/** The whole copy is made while nobody may write. */
const OFFLINE_LIMIT_MS = 6 * 3_600_000;

/** Makes the new home the home, or leaves everything as it was: see "Cut-over" in the README. */
export async function moveRoute(session: MoveSession, context: MoveContext): Promise<void> {
  const { move, store } = session;
  await context.hooks('cut_over');
  await waitForLag(session, context);
  // Twice: what changed during the first is little.
  for (let round = 0; round < 2 && move.mode !== 'offline'; round += 1) {
    await settleChanged(context.tables.to, context.from, context.to, context.changed);
  }
  await store.setStep(move, 'cutting_over');
  const out = session.out as Follower;
  const offline = move.mode === 'offline';
  const result = await cutOver({
    ...{ move, store, dependencies: session.dependencies, follower: out },
    ...{ old: context.from, next: context.to, tables: context.tables.to, changed: context.changed },
    mayGoOn: () => session.mayGoOn(),
    findRogue: (timeoutMs) => rogueChange(context, session.watcher(), timeoutMs),
    pauseLimitMs: offline ? OFFLINE_LIMIT_MS : (move.options.pauseLimitMs ?? DEFAULT_PAUSE_LIMIT_MS),
  });
  if (!result.arrived) {
    session.watcher()?.goOn();
    await backFrom(session, offline ? 'preparing' : 'catching_up', result.reason);
  } else {
    // First of all: the tenant writes there already.
    session.watcher()?.takeChanges();
    const { pauseMs, compared } = result;
    await store.setStep(move, 'way_back', { pauseMs: Math.round(pauseMs), compared });
    await store.addProgress(move, { pauseMs, appliedLsn: String(out.position) });
    if ((await store.wanted(move.id)) === 'cut_over') await store.want(move.id, 'run');
    const cutOverAt = new Date();
    // What waited goes first.
    await sleep(Math.min(pauseMs * SETTLE_PAUSES, SETTLE_MOST_MS), undefined, {
      signal: session.options.signal,
    });
    await certifyFromSnapshots(session, context, cutOverAt);
    await session.endOut();
  }
}

/** The tenant goes on where it was. Who asked for the cut-over asks again, unless only a connection was lost. */
export async function backFrom(session: MoveSession, step: MoveStep, reason: unknown): Promise<never> {
  const { move, store } = session;
  if (reason instanceof Stop) {
    await store.setStep(move, step);
  } else {
    const again = move.options.autoCutOver || isTransient(reason);
    const wanted = await store.wanted(move.id);
    await store.addProgress(move, { cutOverAttempts: (move.progress.cutOverAttempts ?? 0) + 1 });
    await store.giveUp(
      move,
      step,
      describe(reason),
      again || wanted === 'abort' || wanted === 'pause' ? wanted : 'run',
    );
  }
  throw reason;
}

async function waitForLag(session: MoveSession, context: MoveContext): Promise<void> {
  const limit = BigInt(session.move.options.lagLimitBytes ?? DEFAULT_LAG_LIMIT_BYTES);
  const watcher = session.watcher();
  // It has to come through the WAL of the copy itself before it can say that nobody else wrote.
  if (watcher) await passMarker(context.to, watcher, LAG_WAIT_MS);
  const until = performance.now() + LAG_WAIT_MS;
  while (performance.now() < until) {
    if ((await reportLag(session, context)) <= limit) return;
    await session.mayGoOn();
    await sleep(100);
  }
  throw new MovementError('move_lag_too_high', 'The stream does not keep up with the tenant’s writes.', {
    hint: 'Cut over at a quieter time, or raise lagLimitBytes.',
  });
}

/** How far the new home is behind, in bytes of WAL; recorded for whoever watches. */
export async function reportLag(session: MoveSession, { from, changed }: MoveContext): Promise<bigint> {
  const lag = (session.out as Follower).lag(session.move.mode === 'logical' ? await currentLsn(from) : 0n);
  await session.store.addProgress(session.move, { lagBytes: Number(lag), changedKeys: changed.size });
  return lag;
}

/** Takes up a cut-over whose process died: the recorded route says where the tenant is opened. */
export async function recover(session: MoveSession): Promise<void> {
  // Whatever has become of the tables meanwhile: nobody may enter until this is done.
  const { move, store } = session;
  const arrived = await recoverCutOver({
    ...session.decider(),
    old: session.toOpen('from'),
    next: session.toOpen('to'),
  });
  const before = move.mode === 'offline' ? 'preparing' : 'catching_up';
  await store.setStep(move, arrived ? 'way_back' : before, { recovered: true });
}
