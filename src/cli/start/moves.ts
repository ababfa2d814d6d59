import { moveDependencies, startMoveWorker } from '@/lib/movement';
import type { Instance } from '../instance';

/**
 * Carries on with moves that were begun, also by a process that is gone.
 *
 * @param certificateDirectory where the certificates of finished moves are written
 * @returns ends the work at the next recorded step; another process, or the next start, goes on from there
 */
export async function startMoves(
  instance: Instance,
  certificateDirectory: string,
): Promise<() => Promise<void>> {
  const { application, operations, configuration } = instance;
  const encryptionKey = Buffer.from(configuration.ENCRYPTION_KEY ?? '', 'hex');
  const worker = startMoveWorker(
    moveDependencies({ application, operations, encryptionKey, certificateDirectory }),
    (moveId, error) => console.error(`Move ${moveId}: ${error instanceof Error ? error.message : error}`),
  );
  return () => worker.close();
}
