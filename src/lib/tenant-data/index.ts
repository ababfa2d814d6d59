// The business schema of a tenant data database, and the functions that call its schema `tenancy`.
import type pg from 'pg';
import {
  type MigrateOptions,
  type MigrateResult,
  migrate,
  newestVersion,
  type PendingChanges,
  pendingChanges,
  readSqlFiles,
  type SchemaFiles,
} from '@/lib/migrations';
import { tenantDataFiles } from './files';
import { sealClaims, sealKeyOf, withSealKey } from './seal';

export { tenantDataFiles, tenantDataScript, tenantDataUpdateScript } from './files';
export { pinSession, ROUTER_SETTINGS, roleSettingsStatement, startupOptions } from './session';
export { sealClaims, sealKeyOf, withSealKey };

/**
 * Makes a tenant data database, or brings one to this program's version.
 *
 * @param client a connection of the schema's owner (it need not be a superuser), not inside a transaction
 * @throws MarqueeError `migration_*`, see `migrate`
 */
export async function migrateTenantData(
  client: pg.ClientBase,
  { files, ...options }: MigrateOptions & { files?: SchemaFiles } = {},
): Promise<MigrateResult> {
  return migrate(client, files ?? (await tenantDataFiles()), 'tenancy', options);
}

/** What `migrateTenantData` would do. @throws MarqueeError `migration_*` */
export function pendingTenantData(client: pg.ClientBase, files: SchemaFiles): Promise<PendingChanges> {
  return pendingChanges(client, files, 'tenancy');
}

/** The version that `migrateTenantData` brings a database to. */
export async function tenantDataVersion(): Promise<number> {
  return newestVersion({ migrations: await readSqlFiles(import.meta.dirname, 'migrations') });
}

/**
 * The version of a database's schema and a digest of its migrations and functions, to compare with another database's:
 * `1 <md5>`. Empty where the login may not read it or the schema is not installed.
 */
export async function schemaFingerprint(client: pg.ClientBase): Promise<string> {
  const { rows: may } = await client.query<{ may: boolean }>(
    `select coalesce(has_table_privilege(to_regclass('tenancy.migrations'), 'select')
       and has_table_privilege(to_regclass('tenancy.function_files'), 'select'), false) as may`,
  );
  if (!may[0]?.may) return '';
  const { rows } = await client.query<{ schema: string }>(
    `select (select max(version) from tenancy.migrations) || ' ' || md5(concat(
       (select string_agg(version || ':' || checksum, ',' order by version) from tenancy.migrations),
       (select string_agg(path || ':' || checksum, ',' order by path) from tenancy.function_files where superseded_at is null)
     )) as schema`,
  );
  return rows[0]?.schema ?? '';
}

/** Grants a router's login what it needs: to enter tenants and to become their roles. The login must be NOINHERIT. */
export async function admitRouter(client: pg.ClientBase, login: string): Promise<void> {
  await client.query('select tenancy.admit_router($1)', [login]);
}

/** What a fence says: which epoch's routes may enter, or that none may. */
export interface Fence {
  tenantId: string;
  /** Grows with every move of the tenant. */
  epoch: bigint;
  state: 'open' | 'closed';
  reason: string | null;
  changedAt: Date;
}

/**
 * Admits statements of a tenant whose route is of this epoch, after those that run have ended.
 * Takes effect when the caller's transaction commits.
 *
 * @throws pg.DatabaseError `MQ001` when the fence stands at a later epoch
 */
export async function openFence(
  client: pg.ClientBase,
  fence: { tenantId: string; epoch: bigint | number | string },
): Promise<void> {
  await client.query('select tenancy.open_fence($1, $2)', [fence.tenantId, String(fence.epoch)]);
}

/** Admits no statement of a tenant any more, after those that run have ended (waits for them). */
export async function closeFence(
  client: pg.ClientBase,
  fence: { tenantId: string; reason: string },
): Promise<void> {
  await client.query('select tenancy.close_fence($1, $2)', [fence.tenantId, fence.reason]);
}

/** The fence of a tenant in this database; undefined where it never lived here. */
export async function readFence(client: pg.ClientBase, tenantId: string): Promise<Fence | undefined> {
  const { rows } = await client.query<{
    tenant_id: string;
    epoch: string;
    state: Fence['state'];
    reason: string | null;
    changed_at: Date;
  }>('select tenant_id, epoch::text, state, reason, changed_at from tenancy.fence where tenant_id = $1', [
    tenantId,
  ]);
  const [row] = rows;
  return (
    row && {
      tenantId: row.tenant_id,
      epoch: BigInt(row.epoch),
      state: row.state,
      reason: row.reason,
      changedAt: row.changed_at,
    }
  );
}

/**
 * Gives a new tenant what it starts with: payment statuses, checklist, categories, designs, staff roles, number
 * sequences, pipeline and other settings. What is there already stays.
 *
 * @param client a router's connection (it enters the tenant), not inside a transaction
 * @param tenant.name the company's name on its documents and mails, until its people change it
 * @param tenant.sealKey of the router's URL, where it has one
 * @throws pg.DatabaseError `MQ001` when the tenant's fence is closed or at another epoch
 */
export async function seedTenantDefaults(
  client: pg.ClientBase,
  tenant: EnteredTenant & { name?: string },
): Promise<void> {
  await inTenant(client, tenant, async () => {
    await client.query('select tenancy.seed_tenant()');
    if (tenant.name) {
      await client.query(
        `insert into public.tenant_settings (key, value) values ('company', jsonb_build_object('name', left($1, 120), 'lines', '[]'::jsonb,
           'email', '', 'phone', '', 'primary_color', '#b4235a')) on conflict do nothing`,
        [tenant.name],
      );
    }
  });
}

/** A tenant in its database, as a router's connection enters it. */
export interface EnteredTenant {
  /** The tenant's id in the data source. */
  tenantId: string;
  /** Epoch of its fence. */
  epoch: bigint | number | string;
  /** Key from the router's URL, if it has one. */
  sealKey?: Buffer | undefined;
}

/**
 * One transaction as trusted code of a tenant, whatever the tenant's status.
 *
 * @param client a router's connection, not inside a transaction
 * @throws pg.DatabaseError `MQ001` when the tenant's fence is closed or at another epoch
 */
export async function inTenant<T>(
  client: pg.ClientBase,
  { tenantId, epoch, sealKey }: EnteredTenant,
  work: () => Promise<T>,
): Promise<T> {
  const claims = sealClaims(JSON.stringify({ role: 'tenant_service', tenant_id: tenantId }), sealKey);
  await client.query('begin isolation level read committed read write');
  try {
    await client.query("select tenancy.enter($1, $2, 'tenant_service', $3, false)", [
      tenantId,
      String(epoch),
      claims,
    ]);
    const result = await work();
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  }
}
