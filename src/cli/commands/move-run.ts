// Carries a move out in this process, or follows the process that does; and shows it.
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stateDirectory } from '@/lib/configuration';
import { isTransient } from '@/lib/failures';
import {
  isLeased,
  isSettled,
  type Move,
  type MoveDependencies,
  MovementError,
  type MovementErrorCode,
  MoveStore,
  namesOf,
  runMove,
} from '@/lib/movement';
import { type Instance, withInstance } from '../instance';
import { printJson } from '../output';
import { movesOf } from '../start/moves';
import { inWords, progressLine, summary } from './move-words';

export interface Json {
  json?: boolean;
}

export interface Waiting extends Json {
  detach?: boolean;
}

/** Runs `work` with the dependencies of moves. */
export function withMoves(
  work: (moves: MoveDependencies, instance: Instance) => Promise<void>,
): Promise<void> {
  return withInstance((instance) =>
    work(movesOf(instance, path.join(stateDirectory(), 'certificates')), instance),
  );
}

const RETRIES = 5;

/** Runs the move in this process, or watches the process that does and takes over when that has ended. */
export async function drive(
  instance: Instance,
  moves: MoveDependencies,
  id: string,
  { detach, json }: Waiting,
  until: (move: Move) => boolean,
): Promise<void> {
  const store = new MoveStore(moves.operations);
  if (!detach) {
    const watching = new AbortController();
    const shown = watch(store, id, json, () => watching.signal.aborted);
    try {
      await reach(moves, store, id, until);
    } finally {
      watching.abort();
      await shown;
    }
  }
  const move = await store.get(id);
  if (!detach) refuseFailed(move);
  await show(instance, moves, move, json);
}

async function reach(
  moves: MoveDependencies,
  store: MoveStore,
  id: string,
  until: (move: Move) => boolean,
): Promise<void> {
  for (let failures = 0; ; await sleep(500 * (1 + failures))) {
    try {
      await runMove(moves, id, { returnWhenWaiting: true });
      return;
    } catch (error) {
      const code = error instanceof MovementError ? error.code : '';
      if (code === 'move_lease_held' || code === 'move_taken_over') {
        const move = await store.get(id);
        if (until(move) || isSettled(move)) return;
      } else {
        // A connection was lost: the move goes on from its recorded step.
        failures += 1;
        if (!isTransient(error) || failures > RETRIES) throw error;
      }
    }
  }
}

/** Fails the command with the move's error. */
export function refuseFailed({ error }: Move): void {
  if (error) throw new MovementError(error.code as MovementErrorCode, error.message, { hint: error.hint });
}

const UNWATCHED_MS = 10_000;

/** Rejects when no process has run the move for ten seconds. */
export async function whileRunning(moves: MoveDependencies, id: string): Promise<void> {
  for (let since = performance.now(); performance.now() - since < UNWATCHED_MS; await sleep(1_000)) {
    if (await isLeased(moves.operations, id)) since = performance.now();
  }
  throw new MovementError('move_interrupted', 'No process runs this move.', {
    hint: 'Run it: marquee move resume. A running instance does so by itself.',
  });
}

export async function watch(
  store: MoveStore,
  id: string,
  json: boolean | undefined,
  until: (move: Move) => boolean,
  show: (line: string) => void = (line) => process.stderr.write(`${line}\n`),
): Promise<void> {
  for (let last = ''; ; await sleep(250)) {
    const move = await store.get(id);
    const line = json ? JSON.stringify(summary(move)) : progressLine(move);
    if (line !== last) show(line);
    last = line;
    if (until(move)) return;
  }
}

/** One move: all of it as JSON, or in words with what to type next. */
export async function show(
  instance: Instance,
  moves: MoveDependencies,
  move: Move,
  json: boolean | undefined,
): Promise<void> {
  const names = (await namesOf(instance, [move]))(move);
  const running = await isLeased(moves.operations, move.id);
  if (json) {
    const { decidingEpoch: _, fromEpoch: __, ...report } = move;
    return printJson({ ...report, ...names, running });
  }
  const lines = inWords(move, names, running);
  const width = Math.max(...lines.map(([name]) => name.length));
  for (const [name, value] of lines) console.log(`${name.padEnd(width)}  ${value}`);
}

export async function findMove(instance: Instance, store: MoveStore, name: string): Promise<Move> {
  const known = await store.get(name).catch((error: unknown) => {
    if (error instanceof MovementError && error.code === 'move_unknown') return undefined;
    throw error;
  });
  if (known) return known;
  const tenant = await instance.application.tenants.named(name);
  const [latest] = await store.list({ tenantId: tenant.id });
  if (latest) return latest;
  throw new MovementError('move_unknown', 'This tenant has not been moved.', {
    hint: 'Start: marquee move start',
  });
}
