import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { ApplicationDatabase, Author, Tenant, TenantPlace } from '@/lib/application';
import { type DataSource, expectRegion, type OperationsDatabase } from '@/lib/operations';
import { seedTenantDefaults } from '@/lib/tenant-data';
import { readPoolLimits } from '../admission/pool-config';
import { DataSourceError } from '../errors';
import { placesOf, replicasOf } from './replicas';
import { openTenantFence, removeTenantRows } from './tenant-fence';
import { withLogin } from './with-login';

/** The tenant that `provisionTenant` creates. */
export interface NewTenant {
  name: string;
  /** One DNS label. */
  subdomain: string;
  /** Id or name of a registered data source. */
  dataSource: string;
  /** Default: a new UUID. */
  id?: string;
  /** The tenant's id in the data source. Default: `id`. */
  tenantIdInDataSource?: string;
  /** See docs/connection-pool-config.md. Default: no limits besides the defaults. */
  connectionPoolConfig?: Record<string, unknown>;
  notes?: string;
  /** The region that the tenant's data must not leave. Default: any. */
  requiredRegion?: string;
}

/** Marquee's own databases, which know tenants and data sources. */
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
 *   OperationsError `data_source_unknown`, `region_refused`
 */
export async function provisionTenant(
  { application, operations }: ProvisioningDatabases,
  tenant: NewTenant,
  by?: Author,
): Promise<Tenant> {
  readPoolLimits(tenant.connectionPoolConfig);
  const source = await operations.dataSources.get(tenant.dataSource);
  await expectRoom({ application, operations }, source, tenant.requiredRegion);
  const id = tenant.id ?? randomUUID();
  const idThere = tenant.tenantIdInDataSource ?? id;
  const place = await placeOn(operations, source, idThere);
  const created = await application.tenants.create({ ...tenant, id, place, status: 'provisioning' }, by);
  try {
    await install(operations, source, created);
    return await application.tenants.setStatus(id, 'active', by);
  } catch (error) {
    // The caller gets the error that caused the failure, not an error of undoing it.
    await undo({ application, operations }, source, created, by);
    throw failureOf(tenant.subdomain, error);
  }
}

/**
 * Places a tenant that has no data source yet: writes its starting data and its open fence there, then sets its route. All or nothing. If
 * two calls run at once, one of them places the tenant. A tenant that already has a data source stays there; if an earlier placement was
 * interrupted, it is completed.
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
  if (tenant.dataSourceId && tenant.status !== 'provisioning') return tenant;
  const { routeEpoch: expectedEpoch, tenantIdInDataSource: idThere, subdomain, requiredRegion } = tenant;
  const source = await operations.dataSources.get(dataSource);
  if (tenant.dataSourceId) {
    if (tenant.dataSourceId !== source.id) return tenant;
    await install(operations, source, tenant);
    return application.tenants.setStatus(tenantId, 'active', by);
  }
  await expectRoom({ application, operations }, source, requiredRegion);
  const place = await placeOn(operations, source, idThere);
  let release = async () => {};
  const prepare = async (placed: Tenant) => {
    await install(operations, source, placed).catch((error: unknown) => {
      throw failureOf(subdomain, error);
    });
    // A removal of the data source does not see this tenant there before the route is committed.
    release = await operations.dataSources.hold(source.id);
  };
  try {
    return await application.tenants.setDataSource(tenantId, { ...place, expectedEpoch }, by, prepare);
  } catch (error) {
    const now = await application.tenants.get(tenantId);
    if (now.dataSourceId) return now;
    throw error;
  } finally {
    await release();
  }
}

/**
 * The place of a tenant on a data source: the login that serves requests, the tenant's id there, and replicas.
 *
 * @throws DataSourceError `data_source_unknown` if the data source has no login for tenants
 */
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
  const replicas = await replicasOf(operations, source);
  return {
    dataSourceId,
    engine,
    url: routerUrl,
    anonKey,
    serviceKey,
    region,
    tenantIdInDataSource,
    replicas,
  };
}

/**
 * Sets the region that a tenant's data must not leave. Null means that they may be anywhere.
 *
 * @throws OperationsError `region_refused` if the data, or a copy of them, are in another region now
 */
export async function requireRegion(
  { application, operations }: ProvisioningDatabases,
  tenantId: string,
  region: string | null,
): Promise<Tenant> {
  const { dataSourceId } = await application.tenants.get(tenantId);
  if (dataSourceId)
    expectRegion(region, await placesOf(operations, await operations.dataSources.get(dataSourceId)));
  return application.tenants.update(tenantId, { requiredRegion: region });
}

async function expectRoom(
  { application, operations }: ProvisioningDatabases,
  source: DataSource,
  requiredRegion: string | null | undefined,
): Promise<void> {
  const refuse = (why: string, hint: string) => {
    throw new DataSourceError('provisioning_failed', `${source.name} ${why}.`, { hint });
  };
  if (source.status !== 'active')
    refuse(`takes no tenants: it is ${source.status}`, 'Choose another data source.');
  expectRegion(requiredRegion, await placesOf(operations, source));
  if (source.capacity === null) return;
  const there = await application.tenants.list({ dataSourceId: source.id, limit: source.capacity });
  if (there.length >= source.capacity) refuse('is full', 'Raise its capacity or choose another data source.');
}

/** Opens the tenant's fence and writes its starting rows. In a Supabase project the fence needs the owner's URL, and no rows are written. */
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
  const { tenantIdInDataSource: tenantId, routeEpoch: epoch, name } = created;
  await withLogin('router', operations, source, (router, sealKey) =>
    seedTenantDefaults(router, { tenantId, epoch, sealKey, name }),
  );
}

/** If the database cannot be reached, rows remain there. They are not served: without a row in `tenants` there is no route to them. */
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
