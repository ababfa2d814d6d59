import pg from 'pg';
import { type Migration, migrationsFrom, readSqlFiles } from '@/lib/migrations';

/** Every migration of the tenant schema, in order. */
export async function tenantDataMigrations(): Promise<Migration[]> {
  return migrationsFrom(await readSqlFiles(import.meta.dirname, 'migrations'));
}

/** The tenant schema as one script, for a DBA to run: it leaves the same record of migrations as `migrateTenantData`. */
export async function tenantDataScript(): Promise<string> {
  const migrations = await tenantDataMigrations();
  return [
    'create schema if not exists tenancy;',
    'create table if not exists tenancy.migrations (version int primary key, name text not null, checksum text not null, applied_at timestamptz not null default now());',
    ...migrations.flatMap(({ version, name, checksum, sql }) => [
      `-- ${version}: ${name}\n${sql}`,
      `insert into tenancy.migrations (version, name, checksum) values (${version}, ${pg.escapeLiteral(name)}, ${pg.escapeLiteral(checksum)});`,
    ]),
  ].join('\n');
}
