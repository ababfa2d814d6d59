// One process's work on one move: from the recorded step to the next that has to wait for the operator, or to the end.
import { setTimeout as sleep } from 'node:timers/promises';
import { isTransient } from '@/lib/failures';
import { describe } from '../errors';
import { MoveLease } from './move-lease';
import { type Move, MoveStore } from './move-store';
import { MoveSession, type RunEnd, type RunOptions, Stop } from './open-move';
import type { MoveDependencies } from './ports';
import { catchUp } from './steps/catching-up';
import { copy, moveOffline, runPreflight } from './steps/copying';
import { recover } from './steps/cutting-over';
import { abort, complete, endWithoutMoving } from './steps/ending';
import { keepWayBack, recoverRollback } from './steps/reverse-replication';

export type { RunEnd, RunOptions } from './open-move';

const RECOVER_MS = 60_000;
const RECOVER_PAUSE_MS = 500;

/**
 * Works on a move. Rejects with what it failed at, having recorded it: the move can be resumed or aborted.
 *
 * @throws MovementError `move_owned_elsewhere`, `move_preflight_failed`, and every other code of this room
 */
export async function runMove(
  dependencies: MoveDependencies,
  moveId: string,
  options: RunOptions = {},
): Promise<RunEnd> {
  const store = new MoveStore(dependencies.operations);
  const known = await store.get(moveId);
  if (known.finishedAt) return known.step as RunEnd;
  const lease = await MoveLease.take(dependencies.operations, moveId);
  try {
    const move = await store.takeOver(moveId);
    if (!move) return (await store.get(moveId)).step as RunEnd;
    try {
      return await persist(dependencies, store, lease, move, options);
    } catch (error) {
      await store.setError(move, describe(error)).catch(() => {});
      throw error;
    }
  } finally {
    await lease.release();
  }
}

/** A tenant whose fences are closed waits: a cut-over that broke is recovered here and now, over new connections. */
async function persist(
  dependencies: MoveDependencies,
  store: MoveStore,
  lease: MoveLease,
  move: Move,
  options: RunOptions,
): Promise<RunEnd> {
  const until = performance.now() + RECOVER_MS;
  let next = toEnd;
  for (;;) {
    const session = new MoveSession(dependencies, store, lease, move, options);
    try {
      return await session.whileWanted(next(session), next === toEnd);
    } catch (error) {
      if (error instanceof Stop) {
        if (error.end === 'paused') return 'paused';
        // Over new connections: the step may have been stopped in the middle of anything.
        next = abort;
        continue;
      }
      const closed = move.step === 'cutting_over' || move.step === 'rolling_back';
      const over = performance.now() > until || options.signal?.aborted;
      if (!closed || over || !isTransient(error)) throw error;
    }
    await sleep(RECOVER_PAUSE_MS);
    await lease.assertHeld();
  }
}

async function toEnd(session: MoveSession): Promise<RunEnd> {
  for (;;) {
    const end = await takeStep(session);
    if (end) return end;
  }
}

/** Does the recorded step and records the next; answers when the run ends here. */
async function takeStep(session: MoveSession): Promise<RunEnd | undefined> {
  const { move, store } = session;
  switch (move.step) {
    case 'queued':
      await session.mayGoOn();
      await session.queue();
      return void (await store.setStep(move, 'preflight'));
    case 'preflight':
      await session.mayGoOn();
      await runPreflight(session);
      return void (await store.setStep(move, 'preparing'));
    case 'preparing':
    case 'copying':
      // Before anything else: what cannot go on can be aborted.
      await session.mayGoOn();
      await session.queue();
      return void (await (move.mode === 'offline' ? moveOffline(session) : copy(session)));
    case 'catching_up':
      await session.mayGoOn();
      await session.queue();
      return catchUp(session);
    case 'cutting_over':
      return void (await recover(session));
    case 'way_back':
      return keepWayBack(session);
    case 'rolling_back':
      return recoverRollback(session);
    case 'completing':
      return complete(session);
    case 'aborting':
      return endWithoutMoving(session);
    default:
      return move.step as RunEnd;
  }
}
