// Tenants as backups know them: also those that were removed, whose backups are kept until they are erased or pruned.
import { ApplicationError, isId, type Tenant } from '@/lib/application';
import type { BackupDependencies } from './dependencies';

/** A tenant, or what is known of one that was removed. */
export type AnyTenant = Pick<
  Tenant,
  'id' | 'name' | 'subdomain' | 'dataSourceId' | 'tenantIdInDataSource'
> & {
  status?: Tenant['status'];
  /** Null while there is the tenant; undefined where it is not known any more when it was removed. */
  removedAt?: Date | null;
};

type Databases = Pick<BackupDependencies, 'application' | 'operations'>;

/**
 * A tenant, or one that was removed. Of several with one name those count of which something is left.
 *
 * @param name id or subdomain; a subdomain that another tenant has now is that tenant's
 * @throws ApplicationError `tenant_unknown`, also where several that were removed had this subdomain
 */
export async function anyTenant(databases: Databases, name: string): Promise<AnyTenant> {
  const { tenants } = databases.application;
  const unknown = await tenants.named(name).catch((error: unknown) => {
    if (error instanceof ApplicationError && error.code === 'tenant_unknown') return error;
    throw error;
  });
  if (!(unknown instanceof ApplicationError)) return unknown;
  const kept = await traces(databases);
  if (isId(name)) {
    const [former] = await tenants.former({ ids: [name.toLowerCase()] });
    if (former) return former;
    if (kept.has(name.toLowerCase())) return nameless(name.toLowerCase());
    throw unknown;
  }
  const all = [...new Map((await tenants.former({ subdomain: name })).map((one) => [one.id, one])).values()];
  const left = all.filter(({ id }) => kept.has(id));
  const [one, ...others] = left.length > 0 ? left : all;
  if (one && others.length === 0) return one;
  if (!one) throw unknown;
  throw new ApplicationError('tenant_unknown', `Several tenants that were removed were called ${name}.`, {
    hint: `Give the id of one: ${[one, ...others].map(({ id }) => id).join(', ')}`,
  });
}

/** As `anyTenant`, by its id alone and with whatever is known of it. */
export async function tenantOrRemoved(databases: Databases, tenantId: string): Promise<AnyTenant> {
  const { tenants } = databases.application;
  return (
    (await tenants.find(tenantId)) ?? (await tenants.former({ ids: [tenantId] }))[0] ?? nameless(tenantId)
  );
}

/** Tenants that were removed and of which backups, exports or an unfinished erasure are left. */
export async function removedTenants(databases: Databases): Promise<AnyTenant[]> {
  const { tenants } = databases.application;
  const ids = [...(await traces(databases))];
  const there = await tenants.names(ids);
  const removed = ids.filter((id) => !there.has(id));
  const former = await tenants.former({ ids: removed });
  const known = new Map(former.map((one) => [one.id, one]));
  return removed.map((id) => known.get(id) ?? nameless(id));
}

/** Its removal stands in an archived part of the audit log. */
function nameless(id: string): AnyTenant {
  return { id, name: id, subdomain: id, dataSourceId: null, tenantIdInDataSource: id };
}

/** Ids of tenants, removed ones too, of which something is left that an erasure removes. */
async function traces({ operations }: Pick<Databases, 'operations'>): Promise<Set<string>> {
  const { rows } = await operations.pool.query<{ id: string }>(
    `select tenant_id as id from backups where state in ('running', 'complete', 'removing')
     union select tenant_id from exports union select tenant_id from erasures where certificate is null
     union select tenant_id from legal_holds`,
  );
  return new Set(rows.map(({ id }) => id));
}
