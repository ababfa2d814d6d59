import { Backoff } from '@/lib/time';
import { MovementError, NEEDS_OPERATOR } from '../errors';
import { stepRollouts } from '../rollout/step';
import { type Move, MoveStore } from './move-store';
import type { MoveDependencies } from './ports';
import { runMove } from './run-move';

const LOOK_EVERY_MS = 2_000;
/** After something came to its end, or while a rollout waits for its moves. */
const LOOK_SOON_MS = 250;
const RETRY_FIRST_MS = 2_000;
const RETRY_MOST_MS = 60_000;

/**
 * Works on every open move that no other process works on, and steps every open rollout, after a restart too. A move that
 * failed is tried again, later each time; one that was cutting over at once, since its tenant waits.
 *
 * @param onError told of each failure; the move has recorded it
 */
export function startMoveWorker(
  dependencies: MoveDependencies,
  onError: (moveId: string, error: unknown) => void = () => {},
): { close(): Promise<void> } {
  const store = new MoveStore(dependencies.operations);
  const stopping = new AbortController();
  const running = new Map<string, Promise<void>>();
  let soon = false;
  const retries = new Map<string, { at: number; backoff: Backoff; wanted: string }>();

  const work = async (move: Move) => {
    try {
      await runMove(dependencies, move.id, { signal: stopping.signal });
      retries.delete(move.id);
    } catch (error) {
      if (stopping.signal.aborted) return;
      if (error instanceof MovementError && error.code === 'move_owned_elsewhere') return;
      const backoff = retries.get(move.id)?.backoff ?? new Backoff(RETRY_FIRST_MS, RETRY_MOST_MS);
      retries.set(move.id, { at: Date.now() + backoff.next(), backoff, wanted: wishOf(move) });
      onError(move.id, error);
    } finally {
      running.delete(move.id);
      soon = true;
    }
  };
  const look = async () => {
    for (const move of await store.list({ open: true })) {
      const cuttingOver = move.step === 'cutting_over' || move.step === 'rolling_back';
      const retry = retries.get(move.id);
      // What the operator has come to want since then is not made to wait.
      const later = retry && retry.at > Date.now() && retry.wanted === wishOf(move) && !cuttingOver;
      const waits =
        move.wanted === 'run' && !cuttingOver && move.error !== null && NEEDS_OPERATOR.has(move.error.code);
      if (running.has(move.id) || later || waits || (move.wanted === 'pause' && !cuttingOver)) continue;
      running.set(move.id, work(move));
    }
  };
  let looking: Promise<void> | undefined;
  let stepping: Promise<void> | undefined;
  let looked = 0;
  const timer = setInterval(() => {
    if (!soon && performance.now() - looked < LOOK_EVERY_MS) return;
    looked = performance.now();
    soon = false;
    looking ??= look()
      .catch((error: unknown) => onError('', error))
      .finally(() => {
        looking = undefined;
      });
    // Beside it: comparing a wave's rows takes long, and a tenant that is cutting over waits.
    stepping ??= stepRollouts(dependencies, stopping.signal)
      .then((waiting) => {
        soon ||= waiting;
      })
      .catch((error: unknown) => {
        if (!stopping.signal.aborted) onError('', error);
      })
      .finally(() => {
        stepping = undefined;
      });
  }, LOOK_SOON_MS);
  timer.unref();
  return {
    async close() {
      clearInterval(timer);
      stopping.abort();
      await Promise.all([looking, stepping]);
      await Promise.all(running.values());
    },
  };
}

function wishOf({ wanted, options }: Move): string {
  return `${wanted} ${options.forget ?? ''}`;
}
