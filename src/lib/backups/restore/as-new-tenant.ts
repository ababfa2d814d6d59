// Restores a backup as a new tenant. It becomes visible only when all of its rows and files are there and compared.
import { randomUUID } from 'node:crypto';
import { placesOf } from '@/lib/data-sources';
import { expectRegion } from '@/lib/operations';
import { cleanUpTenant } from '../clean-up';
import type { BackupDependencies } from '../dependencies';
import { openBackup } from '../open';
import type { Backup } from '../records';
import type { BackupStore } from '../stores/store';
import { withTenantLock } from '../tenant-lock';
import { removeFiles } from './files';
import { removeScratch, writeTenant } from './new-tenant';
import { type Restored, recordRestore } from './record';

export interface RestoreAsNewTenant {
  backup: Backup;
  store?: BackupStore | undefined;
  requestedBy: string;
  name: string;
  /** One DNS label. */
  subdomain: string;
  /** Id or name of the data source. Default: that of the backup. */
  dataSource?: string | undefined;
}

/**
 * The new tenant is `suspended`: mail and webhooks that waited in the backup would else be sent a second time. It has no users.
 *
 * @throws ApplicationError `subdomain_*`; BackupError as `restoreInPlace`, `backup_not_possible`; OperationsError `region_refused`
 */
export async function restoreAsNewTenant(
  dependencies: BackupDependencies,
  request: RestoreAsNewTenant,
): Promise<Restored> {
  const { backup, requestedBy } = request;
  const { application, operations } = dependencies;
  return withTenantLock(dependencies, backup.tenantId, async (signal) => {
    await cleanUpTenant(dependencies, backup.tenantId);
    const source = await operations.dataSources.get(request.dataSource ?? backup.dataSource);
    const original = await application.tenants.find(backup.tenantId);
    expectRegion(original?.requiredRegion, await placesOf(operations, source));
    const open = await openBackup(dependencies, backup, request.store);
    const id = randomUUID();
    const given = {
      ...{ kind: 'as_new_tenant' as const, intoTenant: id, intoId: id, intoSource: source.id },
      ...{ epoch: '0', fromSource: null, requestedBy },
    };
    return recordRestore(
      dependencies,
      backup,
      given,
      async () => {
        const { name, subdomain } = request;
        const requiredRegion = original?.requiredRegion ?? undefined;
        const into = { id, name, subdomain, ...(requiredRegion ? { requiredRegion } : {}) };
        const files = await writeTenant(dependencies, open, source, into, requestedBy, signal);
        await application.tenants.setStatus(id, 'suspended', { actor: requestedBy });
        return { tenant: id, dataSource: source.name, rows: open.manifest.rows, files, safetyBackup: null };
      },
      async () => {
        await removeScratch(dependencies, id, requestedBy);
        await removeFiles(dependencies, open, id);
      },
    );
  });
}
