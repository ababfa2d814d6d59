import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { ApplicationDatabase, Author, Tenant, TenantPlace } from '@/lib/application';
import type { DataSource, OperationsDatabase } from '@/lib/operations';
import { sealKeyOf, seedTenantDefaults } from '@/lib/tenant-data';
import { readPoolLimits } from '../admission/pool-config';
import { DataSourceError } from '../errors';
import { connect } from '../pool/connect';
import { admitNewTenant, claimForRemoval, removeNewTenant } from './place';

export interface NewTenant {
  name: string;
  /** One DNS label. */
  subdomain: string;
  /** Id or name of a registered data source. */
  dataSource: string;
  /** Made when left out. */
  id?: string;
  /** The tenant's id there, where it has to differ from its id here. */
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
    // The error that stopped us is the one to report, whatever becomes of the undoing.
    await undo({ application, operations }, source, created, by);
    throw failureOf(tenant.subdomain, error);
  }
}

/**
 * Places a tenant that has no data source yet: starting data and open fence there, then the route. All or nothing; of two
 * at once, one does it. A tenant that has a data source stays there.
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

/**
 * Removes a tenant for good: its people are refused first, then its rows and fence go in one transaction, then its sessions,
 * keys and people. Called again after a failure, it goes on. Files stay in their storage.
 *
 * @param options.leaveData forgets the tenant and leaves its rows where they are, for a data source that is gone
 * @returns whether its rows were removed; those of a Supabase project without its owner's URL are not
 * @throws ApplicationError `tenant_unknown`, `place_taken`; DataSourceError `tenant_moving`, `data_source_*`
 */
export async function removeTenant(
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
  for (const table of ['sessions', 'api_keys', 'connected_tenants', 'imports', 'idempotent_requests']) {
    await operations.pool.query(`delete from ${table} where tenant_id = $1`, [tenantId]);
  }
  await application.tenants.remove(tenantId, by);
  return { rowsRemoved };
}

async function removeData(
  operations: OperationsDatabase,
  dataSourceId: string,
  tenant: Tenant,
): Promise<boolean> {
  const source = await operations.dataSources.get(dataSourceId);
  const login = source.engine === 'supabase' ? 'admin' : 'mover';
  if (login === 'admin' && !(await operations.dataSources.credentials(source.id)).adminUrl) return false;
  await as(login, operations, source, async (client) => {
    if (await claimForRemoval(client, tenant)) await removeNewTenant(client, source, tenant);
  });
  return source.engine !== 'supabase';
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

/** The tenant's open fence and its starting rows. A Supabase project gets its rows by its owner, and has fences where we own it. */
async function install(operations: OperationsDatabase, source: DataSource, created: Tenant): Promise<void> {
  if (source.engine === 'supabase') {
    const { adminUrl } = await operations.dataSources.credentials(source.id);
    if (!adminUrl) return;
    await as('admin', operations, source, (admin) => admitNewTenant(operations, admin, source, created));
    return;
  }
  await as('mover', operations, source, (mover) => admitNewTenant(operations, mover, source, created));
  const { tenantIdInDataSource: tenantId, routeEpoch: epoch } = created;
  await as('router', operations, source, (router, sealKey) =>
    seedTenantDefaults(router, { tenantId, epoch, sealKey }),
  );
}

/** What cannot be undone now (the database went away) is out of reach all the same: without a row there is no route. */
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
    await as('admin', operations, source, (admin) => removeNewTenant(admin, source, created)).catch(() => {});
    return;
  }
  await as('mover', operations, source, (mover) => removeNewTenant(mover, source, created)).catch(() => {});
}

async function as(
  login: 'router' | 'mover' | 'admin',
  operations: OperationsDatabase,
  source: DataSource,
  work: (client: pg.Client, sealKey: Buffer | undefined) => Promise<unknown>,
): Promise<void> {
  const { routerUrl, moverUrl, adminUrl } = await operations.dataSources.credentials(source.id);
  const url = { router: routerUrl, mover: moverUrl, admin: adminUrl }[login];
  if (!url) {
    throw new DataSourceError(
      'data_source_unknown',
      `The data source ${source.name} has no ${login} login.`,
      {
        hint: 'Add it again: marquee source add',
      },
    );
  }
  const client = await connect({
    url,
    name: source.name,
    timeoutMs: 10_000,
    applicationName: 'marquee provisioning',
  });
  try {
    await work(client, sealKeyOf(url));
  } finally {
    await client.end();
  }
}

function failureOf(subdomain: string, error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError)) return error;
  return new DataSourceError(
    'provisioning_failed',
    `The tenant ${subdomain} could not be set up: ${error.message}`,
    {
      hint: 'Nothing was kept. Put that right and try again.',
      cause: error,
    },
  );
}
