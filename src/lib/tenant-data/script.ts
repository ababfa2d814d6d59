import path from 'node:path';
import pg from 'pg';
import { readMigrations } from '@/lib/migrations';

const DIRECTORY = path.join(import.meta.dirname, 'migrations');

/** The tenant schema as one script, for a DBA to run: it leaves the same record of migrations as `migrateTenantData`. */
export async function tenantDataScript(): Promise<string> {
  const migrations = await readMigrations(DIRECTORY);
  return [
    'create schema if not exists tenancy;',
    'create table if not exists tenancy.migrations (version int primary key, name text not null, checksum text not null, applied_at timestamptz not null default now());',
    ...migrations.flatMap(({ version, name, checksum, sql }) => [
      `-- ${version}: ${name}\n${sql}`,
      `insert into tenancy.migrations (version, name, checksum) values (${version}, ${pg.escapeLiteral(name)}, ${pg.escapeLiteral(checksum)});`,
    ]),
  ].join('\n');
}
