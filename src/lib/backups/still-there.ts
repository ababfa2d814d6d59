import type { Tenant } from '@/lib/application';
import type { BackupDependencies } from './dependencies';
import { BackupError } from './errors';

/**
 * Expects that a tenant still is where it was when its route was read. Called after a snapshot there was taken: a move that ended before has
 * removed the rows, one that ends later does not change the snapshot.
 *
 * @throws BackupError `backup_busy`
 */
export async function expectStillThere(
  { application }: Pick<BackupDependencies, 'application'>,
  { id, subdomain, dataSourceId, routeEpoch }: Tenant,
): Promise<void> {
  const now = await application.tenants.get(id);
  if (now.dataSourceId === dataSourceId && now.routeEpoch === routeEpoch) return;
  throw new BackupError('backup_busy', `${subdomain} was moved to another database meanwhile.`, {
    hint: 'Begin again.',
  });
}
