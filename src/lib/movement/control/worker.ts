import { Backoff } from '@/lib/time';
import { MovementError, NEEDS_OPERATOR } from '../errors';
import { advanceRollouts } from '../rollout/step';
import type { Move } from './move';
import { MoveStore } from './move-store';
import type { MoveDependencies } from './ports';
import { runMove } from './state-machine';

const POLL_EVERY_MS = 2_000;
/** Pause before the next look after a run has ended, or while a rollout waits for its moves, ms. */
const POLL_SOON_MS = 250;
const RETRY_FIRST_MS = 2_000;
const RETRY_MOST_MS = 60_000;

/**
 * Runs every open move that no other process runs, and advances every open rollout. A failed move is retried at growing intervals; if it
 * failed while cutting over, it is retried at once, because its tenant waits.
 *
 * @param onError called with each failure, which the move has recorded; the id is empty if the failure concerns no move
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

  const run = async (move: Move) => {
    try {
      await runMove(dependencies, move.id, { signal: stopping.signal });
      retries.delete(move.id);
    } catch (error) {
      if (stopping.signal.aborted) return;
      if (error instanceof MovementError && error.code === 'move_lease_held') return;
      const backoff = retries.get(move.id)?.backoff ?? new Backoff(RETRY_FIRST_MS, RETRY_MOST_MS);
      retries.set(move.id, { at: Date.now() + backoff.next(), backoff, wanted: wantedBy(move) });
      onError(move.id, error);
    } finally {
      running.delete(move.id);
      soon = true;
    }
  };
  const poll = async () => {
    for (const move of await store.list({ open: true })) {
      const cuttingOver = move.step === 'cutting_over' || move.step === 'rolling_back';
      const retry = retries.get(move.id);
      // A new command of the operator ends the wait.
      const later = retry && retry.at > Date.now() && retry.wanted === wantedBy(move) && !cuttingOver;
      const waits =
        move.wanted === 'run' && !cuttingOver && move.error !== null && NEEDS_OPERATOR.has(move.error.code);
      if (running.has(move.id) || later || waits || (move.wanted === 'pause' && !cuttingOver)) continue;
      running.set(move.id, run(move));
    }
  };
  let polling: Promise<void> | undefined;
  let stepping: Promise<void> | undefined;
  let polledAt = 0;
  const timer = setInterval(() => {
    if (!soon && performance.now() - polledAt < POLL_EVERY_MS) return;
    polledAt = performance.now();
    soon = false;
    polling ??= poll()
      .catch((error: unknown) => onError('', error))
      .finally(() => {
        polling = undefined;
      });
    // Rollouts advance in parallel, since comparing the rows of a wave takes long and must not delay a tenant that is cutting over.
    stepping ??= advanceRollouts(dependencies, stopping.signal)
      .then((waiting) => {
        soon ||= waiting;
      })
      .catch((error: unknown) => {
        if (!stopping.signal.aborted) onError('', error);
      })
      .finally(() => {
        stepping = undefined;
      });
  }, POLL_SOON_MS);
  timer.unref();
  return {
    async close() {
      clearInterval(timer);
      stopping.abort();
      await Promise.all([polling, stepping]);
      await Promise.all(running.values());
    },
  };
}

function wantedBy({ wanted, options }: Move): string {
  return `${wanted} ${options.forget ?? ''}`;
}
