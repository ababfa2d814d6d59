import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { ApplicationDatabase, Author, Tenant, TenantPlace } from '@/lib/application';
import type { DataSource, OperationsDatabase } from '@/lib/operations';
import { seedTenantDefaults } from '@/lib/tenant-data';
import { readPoolLimits } from '../admission/pool-config';
import { DataSourceError } from '../errors';
import { openTenantFence, removeTenantRows } from './tenant-fence';
import { withLogin } from './with-login';

export interface NewTenant {
  name: string;
  /** One DNS label. */
  subdomain: string;
  /** Id or name of a registered data source. */
  dataSource: string;
  /** Default: a new UUID. */
  id?: string;
  /** The tenant's id in the data source, where it differs. */
  tenantIdInDataSource?: string;
  connectionPoolConfig?: Record<string, unknown>;
  notes?: string;
  requiredRegion?: string;
}

export interface ProvisioningDatabases {
  application: ApplicationDatabase;
  operations: OperationsDatabase;
}

/**
 * Creates a tenant on a data source: a row in the application database (`provisioning`), its starting data and its open
 * fence in the data source, then `active`. All or nothing: a failure leaves no row and no data behind.
 *
 * @throws DataSourceError `connection_pool_config_invalid`, `data_source_*`, `provisioning_failed`;
 *   ApplicationError `subdomain_taken`, `subdomain_invalid`, `subdomain_reserved`, `place_taken`;
 *   OperationsError `data_source_unknown`
 */
export async function provisionTenant(
  { application, operations }: ProvisioningDatabases,
  tenant: NewTenant,
  by?: Author,
): Promise<Tenant> {
  readPoolLimits(tenant.connectionPoolConfig);
  const source = await operations.dataSources.get(tenant.dataSource);
  await expectRoom(application, source, tenant.requiredRegion);
  const id = tenant.id ?? randomUUID();
  const idThere = tenant.tenantIdInDataSource ?? id;
  const place = await placeOn(operations, source, idThere);
  const created = await application.tenants.create({ ...tenant, id, place, status: 'provisioning' }, by);
  try {
    await install(operations, source, created);
    return await application.tenants.setStatus(id, 'active', by);
  } catch (error) {
    // Reported is the error that made it fail, not one of undoing it.
    await undo({ application, operations }, source, created, by);
    throw failureOf(tenant.subdomain, error);
  }
}

/**
 * Places a tenant that has no data source yet: starting data and open fence there, then the route. All or nothing. Of two calls at
 * once, one places it. A tenant that has a data source stays there.
 *
 * @param dataSource id or name
 * @throws as `provisionTenant`, and ApplicationError `tenant_unknown`
 */
export async function placeTenant(
  { application, operations }: ProvisioningDatabases,
  tenantId: string,
  dataSource: string,
  by?: Author,
): Promise<Tenant> {
  const tenant = await application.tenants.get(tenantId);
  if (tenant.dataSourceId) return tenant;
  const { routeEpoch: expectedEpoch, tenantIdInDataSource: idThere, subdomain, requiredRegion } = tenant;
  const source = await operations.dataSources.get(dataSource);
  await expectRoom(application, source, requiredRegion);
  const place = await placeOn(operations, source, idThere);
  const prepare = (placed: Tenant) =>
    install(operations, source, placed).catch((error: unknown) => {
      throw failureOf(subdomain, error);
    });
  try {
    return await application.tenants.setDataSource(tenantId, { ...place, expectedEpoch }, by, prepare);
  } catch (error) {
    const now = await application.tenants.get(tenantId);
    if (now.dataSourceId) return now;
    throw error;
  }
}

/** Where a tenant's rows stand on a data source, with the login that serves it. */
export async function placeOn(
  operations: OperationsDatabase,
  source: DataSource,
  tenantIdInDataSource: string,
): Promise<TenantPlace> {
  const { routerUrl, anonKey, serviceKey } = await operations.dataSources.credentials(source.id);
  if (!routerUrl) {
    throw new DataSourceError(
      'data_source_unknown',
      `The data source ${source.name} has no login for tenants.`,
      {
        hint: 'Add it again: marquee source add',
      },
    );
  }
  const { id: dataSourceId, engine, region } = source;
  return { dataSourceId, engine, url: routerUrl, anonKey, serviceKey, region, tenantIdInDataSource };
}

async function expectRoom(
  application: ApplicationDatabase,
  source: DataSource,
  requiredRegion: string | null | undefined,
): Promise<void> {
  const refuse = (why: string, hint: string) => {
    throw new DataSourceError('provisioning_failed', `${source.name} ${why}.`, { hint });
  };
  if (source.status !== 'active')
    refuse(`takes no tenants: it is ${source.status}`, 'Choose another data source.');
  if (requiredRegion && requiredRegion !== source.region) {
    refuse(
      `is in ${source.region ?? 'no region'}, not in ${requiredRegion}`,
      'Choose a source in the region.',
    );
  }
  if (source.capacity === null) return;
  const there = await application.tenants.list({ dataSourceId: source.id, limit: source.capacity });
  if (there.length >= source.capacity) refuse('is full', 'Raise its capacity or choose another data source.');
}

/** Opens the tenant's fence and writes its starting rows. In a Supabase project the owner writes rows, and fences need the owner's URL. */
async function install(operations: OperationsDatabase, source: DataSource, created: Tenant): Promise<void> {
  if (source.engine === 'supabase') {
    const { adminUrl } = await operations.dataSources.credentials(source.id);
    if (!adminUrl) return;
    await withLogin('admin', operations, source, (admin) =>
      openTenantFence(operations, admin, source, created),
    );
    return;
  }
  await withLogin('mover', operations, source, (mover) =>
    openTenantFence(operations, mover, source, created),
  );
  const { tenantIdInDataSource: tenantId, routeEpoch: epoch } = created;
  await withLogin('router', operations, source, (router, sealKey) =>
    seedTenantDefaults(router, { tenantId, epoch, sealKey }),
  );
}

/** Rows that cannot be removed now, since the database cannot be reached, are not served: without its row the tenant has no route. */
async function undo(
  { application, operations }: ProvisioningDatabases,
  source: DataSource,
  created: Tenant,
  by: Author | undefined,
): Promise<void> {
  await application.tenants.remove(created.id, by);
  if (source.engine === 'supabase') {
    const { adminUrl } = await operations.dataSources.credentials(source.id);
    if (!adminUrl) return;
    await withLogin('admin', operations, source, (admin) => removeTenantRows(admin, source, created)).catch(
      () => {},
    );
    return;
  }
  await withLogin('mover', operations, source, (mover) => removeTenantRows(mover, source, created)).catch(
    () => {},
  );
}

function failureOf(subdomain: string, error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError)) return error;
  return new DataSourceError(
    'provisioning_failed',
    `The tenant ${subdomain} could not be set up: ${error.message}`,
    {
      hint: 'Nothing was kept. Correct that and try again.',
      cause: error,
    },
  );
}
