// Runs a move from its recorded step to the next one that waits for the operator, or to its end.
import { setTimeout as sleep } from 'node:timers/promises';
import { isTransient } from '@/lib/failures';
import { describe } from '../errors';
import type { Move } from './move';
import { MoveLease } from './move-lease';
import { MoveRun } from './move-run';
import { MoveStore } from './move-store';
import type { MoveDependencies } from './ports';
import { type RunEnd, type RunOptions, Stop } from './run-end';
import { catchUp } from './steps/catching-up';
import { copy, moveOffline } from './steps/copying';
import { recover } from './steps/cutting-over';
import { abort, complete, endWithoutMoving } from './steps/ending';
import { runPreflight } from './steps/preflight';
import { recoverRollback, replicateBack } from './steps/reverse-replication';

const RECOVER_MS = 60_000;
const RECOVER_PAUSE_MS = 500;

/**
 * Runs a move. An error is recorded in the move, which can then be resumed or aborted.
 *
 * @returns how the run ended; if the move had ended before, its last step
 * @throws MovementError `move_unknown`; `move_lease_held` if another process runs the move; `move_interrupted` if `signal` is aborted;
 *   `move_preflight_failed` and the other codes of this room
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

/** Takes steps. If a cut-over fails because a connection is lost, it is recovered at once over new connections, since the tenant waits. */
async function persist(
  dependencies: MoveDependencies,
  store: MoveStore,
  lease: MoveLease,
  move: Move,
  options: RunOptions,
): Promise<RunEnd> {
  const until = performance.now() + RECOVER_MS;
  let next: (run: MoveRun) => Promise<RunEnd | undefined> = takeSteps;
  for (;;) {
    const run = new MoveRun(dependencies, store, lease, move, options);
    try {
      const end = await run.untilStopped(next(run), next === takeSteps);
      if (end) return end;
      next = takeSteps;
      continue;
    } catch (error) {
      if (error instanceof Stop) {
        if (error.end === 'paused') return 'paused';
        // The abort uses new connections, because the step may have been interrupted within a statement.
        next = abort;
        continue;
      }
      const fenced = move.step === 'cutting_over' || move.step === 'rolling_back';
      const over = performance.now() > until || options.signal?.aborted;
      if (!fenced || over || !isTransient(error)) throw error;
    }
    await sleep(RECOVER_PAUSE_MS);
    await lease.assertHeld();
  }
}

async function takeSteps(run: MoveRun): Promise<RunEnd> {
  for (;;) {
    const end = await takeStep(run);
    if (end) return end;
  }
}

/** Carries out the recorded step and records the next. @returns why the run ends; undefined to go on */
async function takeStep(run: MoveRun): Promise<RunEnd | undefined> {
  const { move, store } = run;
  switch (move.step) {
    case 'queued':
      await run.throwIfStopped();
      await run.queue();
      return void (await store.setStep(move, 'preflight'));
    case 'preflight':
      await run.throwIfStopped();
      await runPreflight(run);
      return void (await store.setStep(move, 'preparing'));
    case 'preparing':
    case 'copying':
      // This is checked first, so that a move that cannot continue can still be aborted.
      await run.throwIfStopped();
      await run.queue();
      return void (await (move.mode === 'offline' ? moveOffline(run) : copy(run)));
    case 'catching_up':
      await run.throwIfStopped();
      await run.queue();
      return catchUp(run);
    case 'cutting_over':
      return void (await recover(run));
    case 'reverse_replication':
      return replicateBack(run);
    case 'rolling_back':
      return recoverRollback(run);
    case 'completing':
      return complete(run);
    case 'aborting':
      return endWithoutMoving(run);
    default:
      return move.step as RunEnd;
  }
}
