import type { DataSourceManager } from '@/lib/data-sources/manager';
import {
  type MoveDependencies,
  moveDependencies,
  observeForMoves,
  startMoveWorker,
  startVerifications,
} from '@/lib/movement';
import type { Instance } from '../instance';

/** @param certificateDirectory where the certificates of finished moves are written */
export function movesOf(
  { application, operations }: Instance,
  certificateDirectory: string,
): MoveDependencies {
  return moveDependencies({ application, operations, certificateDirectory });
}

/**
 * Runs open moves and rollouts, also those that another process began, and observes tenants' statements for them.
 *
 * @param manager that serves the tenants of this process
 * @returns a function that stops it; another process, or the next start, continues each move from its recorded step
 */
export async function startMoves(
  { operations }: Instance,
  manager: DataSourceManager,
  dependencies: MoveDependencies,
): Promise<() => Promise<void>> {
  const say = (error: unknown) => (error instanceof Error ? error.message : error);
  const worker = startMoveWorker(dependencies, (moveId, error) =>
    console.error(`Move ${moveId}: ${say(error)}`),
  );
  const observer = observeForMoves(dependencies, manager, (error) => console.error(`Moves: ${say(error)}`));
  await startVerifications(dependencies, operations.jobs);
  return async () => {
    await observer.close();
    await worker.close();
  };
}
