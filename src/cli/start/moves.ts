import type { DataSourceManager } from '@/lib/data-sources/manager';
import { moveDependencies, observeForMoves, startMoveWorker } from '@/lib/movement';
import type { Instance } from '../instance';

/**
 * Runs open moves and rollouts, also those that another process began, and observes tenants' statements for them.
 *
 * @param manager that serves the tenants of this process
 * @param certificateDirectory where the certificates of finished moves are written
 * @returns stops; another process, or the next start, continues each move from its recorded step
 */
export async function startMoves(
  instance: Instance,
  manager: DataSourceManager,
  certificateDirectory: string,
): Promise<() => Promise<void>> {
  const { application, operations, configuration } = instance;
  const encryptionKey = Buffer.from(configuration.ENCRYPTION_KEY ?? '', 'hex');
  const dependencies = moveDependencies({ application, operations, encryptionKey, certificateDirectory });
  const say = (error: unknown) => (error instanceof Error ? error.message : error);
  const worker = startMoveWorker(dependencies, (moveId, error) =>
    console.error(`Move ${moveId}: ${say(error)}`),
  );
  const observer = observeForMoves(dependencies, manager, (error) => console.error(`Moves: ${say(error)}`));
  return async () => {
    await observer.close();
    await worker.close();
  };
}
