// Writes a backup into a tenant of its own, for a restore as a new tenant or a drill, and removes such a tenant again.
import { openTenantFence, placeOn, removeTenantRows } from '@/lib/data-sources';
import type { DataSource } from '@/lib/operations';
import { BEGIN_COPYING, inTransaction } from '@/lib/tenant-data/rows';
import type { BackupDependencies } from '../dependencies';
import type { OpenBackup } from '../open';
import { asMover } from '../source';
import { restoreFiles } from './files';
import { mapInto, settleTables } from './map-into';
import { unfit, writeAll } from './write-rows';

/**
 * Creates a tenant that is `provisioning` and writes a backup's rows and files under its id, in one transaction.
 *
 * @returns how many files were written
 */
export async function writeTenant(
  dependencies: BackupDependencies,
  open: OpenBackup,
  source: DataSource,
  into: { id: string; name: string; subdomain: string; requiredRegion?: string },
  requestedBy: string,
  signal: AbortSignal,
): Promise<number> {
  const { application, operations, hooks } = dependencies;
  const { id } = into;
  const place = await placeOn(operations, source, id);
  const created = await application.tenants.create(
    { ...into, place, status: 'provisioning' },
    { actor: requestedBy },
  );
  await hooks?.('tenant_created');
  return asMover(dependencies, source, signal, async (client) => {
    await openTenantFence(operations, client, source, created);
    const mapped = await mapInto(client, open);
    const files = await restoreFiles(dependencies, open, id);
    await inTransaction(client, BEGIN_COPYING, async () => {
      await writeAll(client, open, mapped, { tenantId: id, hooks });
      // Files are named after their tenant.
      for (const { into: table } of mapped) {
        if (!table.columns.some(({ name }) => name === 'storage_key')) continue;
        await client.query(
          `update ${table.name} set storage_key = $2 || substr(storage_key, length($3) + 1)
           where tenant_id = $1 and storage_key like $3 || '/%'`,
          [id, id, open.manifest.tenant.id],
        );
      }
      await hooks?.('before_commit');
    }).catch((error: unknown) => {
      throw unfit(error);
    });
    await hooks?.('committed');
    await settleTables(client, open, mapped);
    return files;
  });
}

/** Removes a tenant that a restore or a drill has created and that is not in use yet. */
export async function removeScratch(
  dependencies: BackupDependencies,
  tenantId: string,
  requestedBy: string,
): Promise<void> {
  const { application, operations } = dependencies;
  const tenant = await application.tenants.find(tenantId);
  if (!tenant?.dataSourceId) return;
  const source = await operations.dataSources.get(tenant.dataSourceId);
  await asMover(dependencies, source, undefined, (client) => removeTenantRows(client, source, tenant));
  await application.tenants.remove(tenantId, { actor: requestedBy });
}
