// The change of a tenant's route: one compare-and-set of its epoch, with the new credentials and an entry of the audit log.
import { withoutPassword } from '@/lib/postgres';
import type { SecretBox } from '@/lib/secrets';
import { changeTenants } from './change-tenants';
import type { AuditColumns, Author, Database } from './database';
import { ApplicationError } from './errors';
import { isId, type Tenant, type TenantPlace, unknownTenant } from './tenant';
import { encryptCredentials, encryptReplicas, readCredentials } from './tenant-secrets';
import { TENANTS } from './tenant-statements';

/**
 * Does what a change of a tenant's route can do beforehand: encrypts the credentials, and reads where the tenant is for the audit log.
 * Call what it returns soon: credentials may be rotated meanwhile.
 *
 * @returns changes the route as `Tenants.setDataSource` does
 */
export async function prepareRouteChange(database: Database, box: SecretBox, id: string, place: TenantPlace) {
  const { dataSourceId, engine, region, tenantIdInDataSource } = place;
  const [secrets, auditColumns, replicas] = await Promise.all([
    encryptCredentials(box, id, place),
    urlPlaces(database, box, id, place.url),
    encryptReplicas(box, id, place.replicas),
  ]);
  const stored = [dataSourceId, engine, region, tenantIdInDataSource, ...secrets, replicas];
  return (
    expectedEpoch: string | bigint,
    by?: Author,
    prepare?: (moved: Tenant) => Promise<void>,
  ): Promise<Tenant> =>
    changeRoute(database, [id, String(expectedEpoch), ...stored], auditColumns, by, prepare);
}

/** Where the tenant's URL leads now and with the new one, for the audit log: the URL itself is recorded as a fingerprint. */
export async function urlPlaces(
  database: Database,
  box: SecretBox,
  id: string,
  url: string,
): Promise<AuditColumns> {
  const former = await readCredentials(database, box, id).catch(() => undefined);
  return {
    before: former ? { data_source_url_at: withoutPassword(former.url) } : {},
    after: { data_source_url_at: withoutPassword(url) },
  };
}

/** @param values of the statement `setDataSource` without the status */
async function changeRoute(
  database: Database,
  values: unknown[],
  auditColumns: AuditColumns,
  by: Author | undefined,
  prepare: ((moved: Tenant) => Promise<void>) | undefined,
): Promise<Tenant> {
  const [id, expected] = values as string[];
  const moved =
    prepare && !database.holdsTransactions
      ? await placeInSteps(database, values, auditColumns, by, prepare)
      : await changeTenants(database, TENANTS.setDataSource, [...values, null], by, {
          auditColumns,
          beforeCommit: prepare && (async ([tenant]) => tenant && prepare(tenant)),
        });
  if (moved[0]) return moved[0];
  const { routeEpoch } = await get(database, id as string);
  throw new ApplicationError(
    'route_changed',
    `The tenant ${id} is at epoch ${routeEpoch}, not at ${expected}.`,
    { hint: 'Someone else moved it; read it again before moving it.' },
  );
}

/**
 * Places a tenant that has no place yet, where no transaction can stay open meanwhile: it takes the place while it is in
 * `provisioning`, which serves no request, and gives it back where `prepare` fails.
 */
async function placeInSteps(
  database: Database,
  values: unknown[],
  auditColumns: AuditColumns,
  by: Author | undefined,
  prepare: (moved: Tenant) => Promise<void>,
): Promise<Tenant[]> {
  const { id, status } = await get(database, String(values[0]));
  const [placed] = await changeTenants(database, TENANTS.setDataSource, [...values, 'provisioning'], by, {
    auditColumns,
  });
  if (!placed) return [];
  try {
    await prepare({ ...placed, status });
  } catch (error) {
    await changeTenants(database, TENANTS.clearDataSource, [id, placed.routeEpoch, status], by);
    throw error;
  }
  return changeTenants(database, TENANTS.setStatus, [id, status], by);
}

async function get(database: Database, id: string): Promise<Tenant> {
  const [tenant] = isId(id) ? await database.read<Tenant>(TENANTS.find, [id]) : [];
  if (!tenant) throw unknownTenant(id);
  return tenant;
}
