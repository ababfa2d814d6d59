// The mover's connection to a tenant's data source, through which backups read and restores write.
import pg from 'pg';
import type { Tenant } from '@/lib/application';
import { failureOf } from '@/lib/data-sources';
import type { DataSource } from '@/lib/operations';
import { pinSession } from '@/lib/tenant-data';
import { clientOf, endQuietly, readTables, type TenantTable } from '@/lib/tenant-data/rows';
import type { BackupDependencies } from './dependencies';
import { BackupError } from './errors';

/** @throws BackupError `backup_not_possible` for a tenant without a data source */
export async function sourceOf(
  { operations }: Pick<BackupDependencies, 'operations'>,
  { dataSourceId, subdomain }: Pick<Tenant, 'dataSourceId' | 'subdomain'>,
): Promise<DataSource> {
  if (dataSourceId) return operations.dataSources.get(dataSourceId);
  throw new BackupError('backup_not_possible', `The tenant ${subdomain} has no data source yet.`, {
    hint: `Give it one: marquee tenant place ${subdomain}`,
  });
}

/**
 * Runs `work` on a connection of the mover's login. It is destroyed, and with it what it does, when the signal is aborted.
 *
 * @throws BackupError `backup_not_possible` for a data source without a mover's login; DataSourceError where it cannot be reached, or no longer
 */
export async function asMover<T>(
  { operations }: Pick<BackupDependencies, 'operations'>,
  source: DataSource,
  signal: AbortSignal | undefined,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const { moverUrl } = await operations.dataSources.credentials(source.id);
  if (!moverUrl) {
    throw new BackupError('backup_not_possible', `The data source ${source.name} has no login for backups.`, {
      hint: 'Provision it again, or give its mover_url; a Supabase project is backed up over its PostgreSQL URL.',
    });
  }
  signal?.throwIfAborted();
  const client = clientOf(moverUrl, {
    application_name: 'marquee backup',
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  });
  const destroy = () => client.connection.stream.destroy();
  signal?.addEventListener('abort', destroy, { once: true });
  try {
    await client.connect();
    await pinSession(client, { own: { synchronous_commit: 'on' } });
    return await work(client);
  } catch (error) {
    signal?.throwIfAborted();
    throw failureOf(client, source.name, error);
  } finally {
    signal?.removeEventListener('abort', destroy);
    await endQuietly(client);
  }
}

/** Whether policy `p` applies to the current login. */
const APPLIES = `(p.polroles = '{0}' or exists (select from unnest(p.polroles) r where r <> 0 and pg_has_role(r, 'usage')))`;

/**
 * The tables that hold tenants' rows.
 *
 * @throws BackupError `backup_rows_invisible` where the mover's login sees none, or not all rows of one
 */
export async function visibleTables(client: pg.ClientBase): Promise<TenantTable[]> {
  const { rows } = await client.query<{ name: string }>(`
    select m::text as name from tenancy.movable_tables() m
    where not has_table_privilege(m, 'select') or row_security_active(m) and not exists (
      select from pg_policy p where p.polrelid = m and p.polpermissive and p.polcmd = '*' and pg_get_expr(p.polqual, p.polrelid) = 'true'
        and ${APPLIES})
      or row_security_active(m) and exists (
        select from pg_policy p where p.polrelid = m and not p.polpermissive and p.polcmd in ('*', 'r') and ${APPLIES})`);
  const tables = await readTables(client);
  const unkeyed = tables.filter(({ key }) => key.length === 0).map(({ name }) => name);
  const hidden = [...rows.map(({ name }) => name), ...unkeyed];
  if (hidden.length === 0 && tables.length > 0) return tables;
  throw new BackupError(
    'backup_rows_invisible',
    tables.length === 0
      ? 'The database has no tables of tenants.'
      : `Rows of these tables cannot all be read: ${hidden.join(', ')}.`,
  );
}

/** Types that COPY writes as a cast to text does, so that the cast can be saved. Others, such as boolean and inet, differ. */
const SAME_AS_TEXT = new Set([
  ...['text', 'character varying', 'uuid', 'smallint', 'integer', 'bigint', 'numeric', 'json', 'jsonb'],
  ...['date', 'timestamp with time zone', 'timestamp without time zone', 'time without time zone'],
]);

/** Columns of a table as they stand in a backup: without `tenant_id`, as text. */
export function textColumns(columns: readonly { name: string; type?: string }[]): string {
  const text = ({ name, type = '' }: (typeof columns)[number]) =>
    SAME_AS_TEXT.has(type.replace(/\(.*\)/, ''))
      ? pg.escapeIdentifier(name)
      : `${pg.escapeIdentifier(name)}::text`;
  return columns.map(text).join(', ');
}
