import { BEGIN_COPYING, deleteRows, inTransaction, readTables } from '@/lib/tenant-data/rows';
import type { BackupDependencies } from '../dependencies';
import { asMover } from '../source';
import { holderOf, releaseFence } from './fence';

/** Removes the rows and the fence that a restore holds in a database where the tenant does not live. */
export async function removeHeldRows(
  dependencies: BackupDependencies,
  dataSource: string,
  tenantId: string,
  restoreId: string,
): Promise<void> {
  const source = await dependencies.operations.dataSources.get(dataSource);
  await asMover(dependencies, source, undefined, async (client) => {
    const { rows } = await client.query(
      `select 1 from tenancy.fence where tenant_id = $1 and state = 'closed' and holder = $2`,
      [tenantId, holderOf(restoreId)],
    );
    if (rows.length === 0) return;
    await inTransaction(client, BEGIN_COPYING, async () => {
      await client.query('select tenancy.assert_held($1, $2)', [tenantId, holderOf(restoreId)]);
      await deleteRows(client, await readTables(client), tenantId);
      await client.query('select tenancy.remove_fence($1, $2)', [tenantId, holderOf(restoreId)]);
    });
  });
}

/**
 * Settles a restore whose process ended, by the tenant's route: the database that it points to is opened, the other one is left; both where
 * the tenant has moved on since.
 *
 * @param record.fromSource null where the tenant's database before is lost
 * @returns whether the tenant is in the restored database
 */
export async function settleToDataSource(
  dependencies: BackupDependencies,
  record: { id: string; intoTenant: string; intoId: string; intoSource: string; fromSource: string | null },
): Promise<boolean> {
  const { application, operations } = dependencies;
  const { id, intoId, intoSource, fromSource } = record;
  const { dataSourceId, tenantIdInDataSource, routeEpoch } = await application.tenants.get(record.intoTenant);
  const lives = tenantIdInDataSource === intoId ? dataSourceId : null;
  // Opened first, because the tenant may wait.
  for (const one of [intoSource, fromSource]) {
    if (one === null || one !== lives) continue;
    const source = await operations.dataSources.get(one);
    await asMover(dependencies, source, undefined, (client) => releaseFence(client, intoId, id, routeEpoch));
  }
  for (const one of [intoSource, fromSource])
    if (one !== null && one !== lives) await removeHeldRows(dependencies, one, intoId, id);
  return lives === intoSource;
}
