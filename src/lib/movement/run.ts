// One process's work on one move: from the recorded step to the next that has to wait for the operator, or to the end.
import { MovementError } from './errors';
import { MoveLease } from './lease';
import { type Move, MoveStore } from './move-store';
import type { MoveDependencies } from './ports';
import { MoveSession, type RunEnd, type RunOptions, Stop } from './session';
import { catchUp } from './stages/catching-up';
import { copy, moveOffline, runPreflight } from './stages/copying';
import { recover } from './stages/cutting-over';
import { abort, complete } from './stages/ending';
import { keepWayBack, recoverRollback } from './stages/way-back';

export type { RunEnd, RunOptions } from './session';

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
  const lease = await MoveLease.take(dependencies.operations, moveId);
  const session = new MoveSession(dependencies, store, lease, await store.takeOver(moveId), options);
  try {
    return await toEnd(session);
  } catch (error) {
    await store.setError(moveId, describe(error)).catch(() => {});
    throw error;
  } finally {
    await session.close();
    await lease.release();
  }
}

function describe(error: unknown): Move['error'] {
  if (error instanceof MovementError) {
    return { code: error.code, message: error.message, ...(error.hint ? { hint: error.hint } : {}) };
  }
  const code =
    error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unexpected';
  return {
    code,
    message: `The step failed (${code}).`,
    hint: 'Resume the move when the cause is gone, or abort it.',
  };
}

async function toEnd(session: MoveSession): Promise<RunEnd> {
  const { move } = session;
  if (move.finishedAt) return move.step as RunEnd;
  try {
    for (;;) {
      const end = await takeStep(session);
      if (end) return end;
    }
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    if (error.end === 'paused') return 'paused';
    await abort(session);
    return 'aborted';
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
      await session.queue();
      return void (await (move.mode === 'offline' ? moveOffline(session) : copy(session)));
    case 'catching_up':
      // Before anything else: what cannot go on can be aborted.
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
      await abort(session);
      return 'aborted';
    default:
      return move.step as RunEnd;
  }
}
