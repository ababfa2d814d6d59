import type { Author, Tenant } from '@/lib/application';
import { type OperationsDatabase, OperationsError } from '@/lib/operations';
import { DataSourceError } from '../errors';
import type { ProvisioningDatabases } from './tenant';
import { claimTenantFence, removeTenantRows } from './tenant-fence';
import { withLogin } from './with-login';

/** Tables of the operations database whose rows are removed with their tenant. */
const OF_TENANTS = [
  'sessions',
  'api_keys',
  'connected_tenants',
  'imports',
  'idempotent_requests',
  'customer_requests',
  'mail_codes',
  'usage_budgets',
];

/**
 * Removes a tenant for good: it is suspended, then its rows and fence are removed in one transaction, then its sessions, keys and users.
 * Called again after a failure, it continues. Files stay in their storage. No move of it can begin meanwhile.
 *
 * @param options.leaveData whether to remove only the application's record, because the data source no longer exists
 * @returns whether the rows were removed. In a Supabase project without its owner's URL they are not
 * @throws ApplicationError `tenant_unknown`, `place_taken`; DataSourceError `tenant_moving`, `data_source_*`
 */
export async function removeTenant(
  databases: ProvisioningDatabases,
  tenantId: string,
  options: { leaveData?: boolean } = {},
  by?: Author,
): Promise<{ rowsRemoved: boolean }> {
  const { application, operations } = databases;
  const { subdomain } = await application.tenants.get(tenantId);
  const remove = () => removeUnmoved(databases, tenantId, options, by);
  return operations.reservedIds.withoutNewMoves(tenantId, remove).catch((error: unknown) => {
    if (!(error instanceof OperationsError && error.code === 'job_running')) throw error;
    throw new DataSourceError('tenant_moving', `The rows of ${subdomain} are being restored or removed.`, {
      hint: 'Try again when that has ended: marquee backup list TENANT',
      cause: error,
    });
  });
}

/** As `removeTenant`, for a caller that already prevents new moves of the tenant. */
export async function removeUnmoved(
  { application, operations }: ProvisioningDatabases,
  tenantId: string,
  { leaveData = false }: { leaveData?: boolean } = {},
  by?: Author,
): Promise<{ rowsRemoved: boolean }> {
  const tenant = await application.tenants.get(tenantId);
  const { dataSourceId, tenantIdInDataSource } = tenant;
  if (dataSourceId && (await operations.reservedIds.moveOf(dataSourceId, tenantIdInDataSource))) {
    throw new DataSourceError('tenant_moving', `A move of ${tenant.subdomain} is open.`, {
      hint: 'End it first: marquee move complete, rollback or abort.',
    });
  }
  if (tenant.status === 'active') await application.tenants.setStatus(tenantId, 'suspended', by);
  const rowsRemoved =
    dataSourceId !== null && !leaveData && (await removeData(operations, dataSourceId, tenant));
  if (dataSourceId && !rowsRemoved) await noteLeft(operations, dataSourceId, tenant);
  for (const table of OF_TENANTS) {
    await operations.pool.query(`delete from ${table} where tenant_id = $1`, [tenantId]);
  }
  // The record of who had access remains.
  await operations.pool.query(
    'update support_access set ended_at = now() where tenant_id = $1 and ended_at is null',
    [tenantId],
  );
  await application.tenants.remove(tenantId, by);
  return { rowsRemoved };
}

/** Notes the rows that stay, as what an erasure is to remove: it keeps the data source until then. */
async function noteLeft(
  { pool, dataSources }: OperationsDatabase,
  dataSourceId: string,
  { id, tenantIdInDataSource }: Tenant,
): Promise<void> {
  const found = {
    dataSource: (await dataSources.find(dataSourceId))?.name ?? dataSourceId,
    before: { rows: 0, files: 0, backups: 0 },
    copiesRemoved: [],
    left: { dataSource: dataSourceId, idThere: tenantIdInDataSource },
  };
  await pool.query(
    `insert into erasures (tenant_id, found) values ($1, $2)
     on conflict (tenant_id) do update set found = erasures.found || jsonb_build_object('left', $2::jsonb -> 'left')`,
    [id, JSON.stringify(found)],
  );
}

async function removeData(
  operations: OperationsDatabase,
  dataSourceId: string,
  tenant: Tenant,
): Promise<boolean> {
  const source = await operations.dataSources.get(dataSourceId);
  const login = source.engine === 'supabase' ? 'admin' : 'mover';
  if (login === 'admin' && !(await operations.dataSources.credentials(source.id)).adminUrl) return false;
  await withLogin(login, operations, source, async (client) => {
    if (await claimTenantFence(client, tenant)) await removeTenantRows(client, source, tenant);
  });
  return source.engine !== 'supabase';
}
