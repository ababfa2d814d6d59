import type pg from 'pg';
import type { DataSourceKind, OperationsDatabase } from '@/lib/operations';
import { migrateTenantData } from '@/lib/tenant-data';
import { connect, readUrl, serverOf } from '../pool/connect';
import { testConnection } from '../testing/connection-test';
import { acceptUrl } from './given-url';
import {
  admitLoginStatements,
  createLoginStatements,
  type DatabaseLogins,
  dropLoginStatements,
  generateLogins,
  loginUrl,
  preparedLogins,
} from './logins';
import {
  failureOf,
  type NewDataSource,
  type ProvisionedDataSource,
  registered,
  rulesOf,
} from './new-data-source';
import { expectPassed, expectReady } from './readiness';
import { provisionProject } from './supabase-project';

/**
 * Sets a database up for tenants and registers it: creates two logins with generated passwords, installs the tenant schema, and grants the
 * logins their rights. After a failure the logins are dropped and nothing is registered; the schema remains.
 *
 * @throws DataSourceError `data_source_*` from the connection test, `provisioning_failed`;
 *   OperationsError `data_source_name_taken`, `data_source_registered`, `data_source_invalid`
 */
export async function provisionDataSource(
  operations: OperationsDatabase,
  source: NewDataSource,
): Promise<ProvisionedDataSource> {
  if (source.kind === 'supabase') return provisionProject(operations, source);
  const { name } = source;
  const rules = rulesOf(source);
  const adminUrl = acceptUrl(source.adminUrl, name, rules);
  const requestsUrl = source.pooledUrl === undefined ? adminUrl : acceptUrl(source.pooledUrl, name, rules);
  const serverVersion = await expectReady(name, adminUrl, source.pooledUrl !== undefined);
  const admin = await connect({
    url: adminUrl,
    name,
    timeoutMs: 10_000,
    applicationName: 'marquee provisioning',
  });
  const isPrepared = !(await mayCreateRoles(admin));
  const logins = isPrepared ? preparedLogins(readUrl(adminUrl, name)) : generateLogins();
  try {
    if (!isPrepared) for (const statement of createLoginStatements(logins)) await admin.query(statement);
    const { version: schemaVersion } = await migrateTenantData(admin);
    for (const statement of admitLoginStatements(logins)) await admin.query(statement);
    const withheld = await withholdFunctions(admin, source.kind);
    const routerUrl = loginUrl(requestsUrl, logins.router);
    const moverUrl = loginUrl(adminUrl, logins.mover);
    // A database that would leak or lose data is refused before it has a tenant.
    expectPassed(name, await testConnection({ kind: 'postgres', url: loginUrl(adminUrl, logins.router) }));
    expectPassed(name, await testConnection({ kind: 'postgres', url: moverUrl, purpose: 'mover' }));
    const dataSource = await operations.dataSources.create({
      ...registered(source),
      adminUrl,
      routerUrl,
      moverUrl,
      serverVersion,
      schemaVersion,
    });
    const steps = stepsOf(logins, schemaVersion, isPrepared);
    if (withheld) steps.push(WITHHELD);
    if (source.pooledUrl) {
      steps.push(
        `Requests go through ${serverOf(source.pooledUrl)}: the pooler has to accept the login ${logins.router.name}.`,
      );
    }
    return { dataSource, steps };
  } catch (error) {
    if (!isPrepared) await takeBack(admin, logins);
    throw failureOf(name, error);
  } finally {
    await admin.end();
  }
}

/** Whether the administrator may create roles. If not, a DBA has created the logins, with the script of `source add --script`. */
async function mayCreateRoles(admin: pg.Client): Promise<boolean> {
  const { rows } = await admin.query<{ may: boolean }>(
    'select rolsuper or rolcreaterole as may from pg_catalog.pg_roles where rolname = current_user',
  );
  return rows[0]?.may ?? false;
}

const WITHHELD =
  'Revoked from PUBLIC in this database: advisory locks, large objects, notifications, messages in the change stream.';

/**
 * Revokes from PUBLIC the functions with which SQL of one tenant could harm others. This is done only in databases that Marquee owns, since
 * a customer's roles may need the functions.
 *
 * @returns whether the administrator had the right to do it
 */
export async function withholdFunctions(admin: pg.Client, kind: DataSourceKind): Promise<boolean> {
  if (kind !== 'shared' && kind !== 'dedicated') return false;
  const { rows } = await admin.query<{ done: boolean }>('select tenancy.withhold_functions() as done');
  return rows[0]?.done ?? false;
}

async function takeBack(admin: pg.Client, logins: DatabaseLogins): Promise<void> {
  for (const statement of dropLoginStatements(logins)) await admin.query(statement).catch(() => {});
}

function stepsOf(logins: DatabaseLogins, schemaVersion: number, isPrepared: boolean): string[] {
  const installed = [
    `Installed the tenant schema, version ${schemaVersion}.`,
    'Granted the two logins the rights that they need.',
  ];
  if (isPrepared) {
    return [`Found the logins ${logins.router.name} and ${logins.mover.name}, made by a DBA.`, ...installed];
  }
  return [
    `Created the login ${logins.router.name} with a generated password. It serves tenants.`,
    `Created the login ${logins.mover.name} with a generated password. It moves and backs up tenants.`,
    ...installed,
  ];
}
