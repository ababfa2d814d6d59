import type { Tenant } from '@/lib/application';
import type { BackupDependencies } from './dependencies';
import { BackupError } from './errors';

/**
 * Expects that a tenant's route is the one that was read before. Call it after a snapshot was taken in the tenant's database: a move that ended
 * before the snapshot has removed the rows there, one that ends later does not change the snapshot.
 *
 * @throws BackupError `backup_busy`
 */
export async function expectSameRoute(
  { application }: Pick<BackupDependencies, 'application'>,
  { id, subdomain, dataSourceId, routeEpoch }: Tenant,
): Promise<void> {
  const now = await application.tenants.get(id);
  if (now.dataSourceId === dataSourceId && now.routeEpoch === routeEpoch) return;
  throw new BackupError('backup_busy', `${subdomain} was moved to another database meanwhile.`, {
    hint: 'Begin again.',
  });
}
