// For a customer's database: its DBA runs a script, instead of giving Marquee an administrator's login.
import type { DataSource, OperationsDatabase } from '@/lib/operations';
import { tenantDataScript, tenantDataVersion } from '@/lib/tenant-data';
import { testConnection } from '../testing/connection-test';
import { admitLoginStatements, createLoginStatements, generateLogins, loginUrl } from './logins';
import { type NewPostgresSource, registered } from './new-data-source';
import { expectPassed, versionNumber } from './readiness';

/**
 * The script that sets a database up for tenants, for a DBA to read and run. It contains password verifiers, not passwords. The URLs are
 * for `registerDataSource`.
 *
 * @param location where the database is, as a PostgreSQL URL without user and password
 */
export async function planDataSource(
  location: string,
): Promise<{ script: string; routerUrl: string; moverUrl: string }> {
  const logins = generateLogins();
  const script = [
    '-- Sets this database up for Marquee: two logins, the tenant schema, the logins’ rights.',
    '-- Run it once as the owner of the database, with CREATEROLE: psql -v ON_ERROR_STOP=1 -1 -f this-file',
    'set search_path = public;',
    ...createLoginStatements(logins).map((statement) => `${statement};`),
    await tenantDataScript(),
    ...admitLoginStatements(logins).map((statement) => `${statement};`),
  ].join('\n\n');
  return { script, routerUrl: loginUrl(location, logins.router), moverUrl: loginUrl(location, logins.mover) };
}

/**
 * Registers a database that a DBA set up with the script of `planDataSource`.
 *
 * @throws DataSourceError `data_source_*` from the connection test; OperationsError as `provisionDataSource`
 */
export async function registerDataSource(
  operations: OperationsDatabase,
  source: Omit<NewPostgresSource, 'adminUrl' | 'pooledUrl'> & { routerUrl: string; moverUrl: string },
): Promise<DataSource> {
  const test = await testConnection({ kind: 'postgres', url: source.routerUrl });
  expectPassed(source.name, test);
  const { routerUrl, moverUrl } = source;
  return operations.dataSources.create({
    ...registered(source),
    routerUrl,
    moverUrl,
    serverVersion: versionNumber(test.serverVersion),
    schemaVersion: test.schemaVersion ?? (await tenantDataVersion()),
  });
}
