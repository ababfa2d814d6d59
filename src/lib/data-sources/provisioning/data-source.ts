import pg from 'pg';
import type { DataSource, DataSourceKind, OperationsDatabase } from '@/lib/operations';
import { migrateTenantData, tenantDataScript, tenantDataVersion } from '@/lib/tenant-data';
import { connect } from '../connect';
import { testConnection } from '../connection-test';
import { DataSourceError } from '../errors';
import {
  admitLoginStatements,
  createLoginStatements,
  type DatabaseLogins,
  dropLoginStatements,
  generateLogins,
  loginUrl,
} from './logins';

export interface NewPostgresSource {
  /** Lower-case letters, digits, hyphens. */
  name: string;
  kind: Exclude<DataSourceKind, 'supabase'>;
  /** URL of a login that may make roles and schemas there; it becomes the owner of the tables. */
  adminUrl: string;
  region?: string;
  /** Tenants it takes; no limit when left out. */
  capacity?: number;
  /** Connections that all of Marquee's processes together may hold to its server. Default 50. */
  connectionBudget?: number;
  notes?: string;
}

export interface NewSupabaseSource extends Omit<NewPostgresSource, 'kind' | 'adminUrl'> {
  kind: 'supabase';
  /** `https://<project>.supabase.co` */
  url: string;
  anonKey?: string;
  serviceKey: string;
  /** PostgreSQL URL of the project's database, to install the tenant schema; not needed where it is there. */
  adminUrl?: string;
}

export type NewDataSource = NewPostgresSource | NewSupabaseSource;

/** What was done to a database, in words, for whoever owns it. */
export interface ProvisionedDataSource {
  dataSource: DataSource;
  steps: string[];
}

/**
 * Makes a database ready for tenants and registers it: two logins with generated passwords, the tenant schema, the
 * logins' rights. A failure takes the logins away again and registers nothing; the schema, which is harmless, stays.
 *
 * @throws DataSourceError `data_source_*` from the connection test, `provisioning_failed`;
 *   OperationsError `data_source_name_taken`, `data_source_registered`, `data_source_invalid`
 */
export async function provisionDataSource(
  operations: OperationsDatabase,
  source: NewDataSource,
): Promise<ProvisionedDataSource> {
  if (source.kind === 'supabase') return provisionProject(operations, source);
  const { name, adminUrl } = source;
  const serverVersion = await expectReady(name, adminUrl);
  const logins = generateLogins();
  const admin = await connect({
    url: adminUrl,
    name,
    timeoutMs: 10_000,
    applicationName: 'marquee provisioning',
  });
  try {
    const schemaVersion = await prepare(admin, logins);
    const dataSource = await operations.dataSources.create({
      ...properties(source),
      adminUrl,
      routerUrl: loginUrl(adminUrl, logins.router),
      moverUrl: loginUrl(adminUrl, logins.mover),
      serverVersion,
      schemaVersion,
    });
    return { dataSource, steps: stepsOf(logins, schemaVersion) };
  } catch (error) {
    await takeBack(admin, logins);
    throw failureOf(name, error);
  } finally {
    await admin.end();
  }
}

/**
 * The script that makes a database ready, for a DBA to read and run instead of giving us an administrator's URL. It
 * holds password verifiers, not passwords; the URLs that go with it are for `registerDataSource`.
 *
 * @param location where the database is, as a PostgreSQL URL without user and password
 */
export async function planDataSource(
  location: string,
): Promise<{ script: string; routerUrl: string; moverUrl: string }> {
  const logins = generateLogins();
  const script = [
    '-- Makes this database ready for Marquee: two logins, the tenant schema, the logins’ rights.',
    '-- Run it once as the owner of the database, with CREATEROLE: psql -v ON_ERROR_STOP=1 -1 -f this-file',
    'set search_path = public;',
    ...createLoginStatements(logins).map((statement) => `${statement};`),
    await tenantDataScript(),
    ...admitLoginStatements(logins).map((statement) => `${statement};`),
  ].join('\n\n');
  return { script, routerUrl: loginUrl(location, logins.router), moverUrl: loginUrl(location, logins.mover) };
}

/**
 * Registers a database that a DBA made ready with the script of `planDataSource`.
 *
 * @throws DataSourceError `data_source_*` from the connection test; OperationsError as `provisionDataSource`
 */
export async function registerDataSource(
  operations: OperationsDatabase,
  source: Omit<NewPostgresSource, 'adminUrl'> & { routerUrl: string; moverUrl: string },
): Promise<DataSource> {
  const test = await testConnection({ kind: 'postgres', url: source.routerUrl });
  expectPassed(source.name, test);
  const { routerUrl, moverUrl } = source;
  return operations.dataSources.create({
    ...properties(source),
    routerUrl,
    moverUrl,
    serverVersion: versionNumber(test.serverVersion),
    schemaVersion: test.schemaVersion ?? (await tenantDataVersion()),
  });
}

async function provisionProject(
  operations: OperationsDatabase,
  source: NewSupabaseSource,
): Promise<ProvisionedDataSource> {
  const { name, url, anonKey, serviceKey, adminUrl } = source;
  const steps: string[] = [];
  let schemaVersion: number | undefined;
  if (adminUrl) {
    await expectReady(name, adminUrl);
    const admin = await connect({ url: adminUrl, name, timeoutMs: 10_000 });
    try {
      schemaVersion = (await migrateTenantData(admin)).version;
      await admin.query("notify pgrst, 'reload schema'");
      steps.push(`Installed the tenant schema, version ${schemaVersion}.`);
      steps.push(...(await fenceRequests(admin)));
    } catch (error) {
      throw failureOf(name, error);
    } finally {
      await admin.end();
    }
  }
  expectPassed(name, await testConnection({ kind: 'supabase', url, serviceKey }));
  const dataSource = await operations.dataSources.create({
    ...properties(source),
    engine: 'supabase',
    routerUrl: url,
    adminUrl,
    anonKey,
    serviceKey,
    schemaVersion,
  });
  return { dataSource, steps: [...steps, 'Tried the service key on the project’s REST API.'] };
}

/** Before a tenant comes: each tenant's fence opens with it. */
async function fenceRequests(admin: pg.Client): Promise<string[]> {
  const { rows } = await admin.query<{ fenced: boolean | null }>(
    "select case when to_regrole('authenticator') is not null then tenancy.fence_requests('authenticator') end as fenced",
  );
  switch (rows[0]?.fenced) {
    case true:
      return ['Made PostgREST ask tenancy.admit_request before each request, which keeps tenants’ fences.'];
    case false:
      return [
        'Left the project’s own pgrst.db_pre_request as it is: call tenancy.admit_request() in it, so that moves are safe.',
      ];
    default:
      return [];
  }
}

async function expectReady(name: string, adminUrl: string): Promise<number | undefined> {
  const test = await testConnection({ kind: 'postgres', url: adminUrl, purpose: 'administrator' });
  expectPassed(name, test);
  return versionNumber(test.serverVersion);
}

function expectPassed(name: string, test: Awaited<ReturnType<typeof testConnection>>): void {
  const failure = test.checks.find((check) => check.outcome === 'failed');
  if (!failure) return;
  throw new DataSourceError(failure.code ?? 'provisioning_failed', `${name}: ${failure.message}`, {
    hint: failure.hint,
  });
}

/** `16.4` → 160004, as `server_version_num` has it. */
function versionNumber(version: string | undefined): number | undefined {
  const [major, minor = '0'] = /^(\d+)(?:\.(\d+))?/.exec(version ?? '')?.slice(1) ?? [];
  return major === undefined ? undefined : Number(major) * 10_000 + Number(minor);
}

async function prepare(admin: pg.Client, logins: DatabaseLogins): Promise<number> {
  for (const statement of createLoginStatements(logins)) await admin.query(statement);
  const { version } = await migrateTenantData(admin);
  for (const statement of admitLoginStatements(logins)) await admin.query(statement);
  return version;
}

async function takeBack(admin: pg.Client, logins: DatabaseLogins): Promise<void> {
  for (const statement of dropLoginStatements(logins)) await admin.query(statement).catch(() => {});
}

function properties(source: Omit<NewPostgresSource, 'kind' | 'adminUrl'> & { kind: DataSourceKind }) {
  const { name, kind, region, capacity, connectionBudget, notes } = source;
  return { name, kind, region, capacity, connectionBudget, notes };
}

function stepsOf(logins: DatabaseLogins, schemaVersion: number): string[] {
  return [
    `Made the login ${logins.router.name}, which serves tenants, with a generated password.`,
    `Made the login ${logins.mover.name}, which moves and backs up tenants, with a generated password.`,
    `Installed the tenant schema, version ${schemaVersion}.`,
    'Gave the two logins the rights that they need, and no other.',
  ];
}

function failureOf(name: string, error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError)) return error;
  return new DataSourceError('provisioning_failed', `${name} could not be set up: ${error.message}`, {
    hint:
      error.code === '42501'
        ? 'The administrator’s login lacks a privilege.'
        : 'Put that right and try again.',
    cause: error,
  });
}
