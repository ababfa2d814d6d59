import pg from 'pg';
import type { DataSource, DataSourceKind, OperationsDatabase } from '@/lib/operations';
import { migrateTenantData, tenantDataScript, tenantDataVersion } from '@/lib/tenant-data';
import { DataSourceError } from '../errors';
import { checkedUrl, connect, serverOf } from '../pool/connect';
import { testConnection } from '../testing/connection-test';
import {
  admitLoginStatements,
  atAddressOf,
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
  /** PostgreSQL URL of a pooler in front of it, which requests go through; `adminUrl` is the server's own then. */
  pooledUrl?: string;
  region?: string;
  /** Tenants it takes; no limit when left out. */
  capacity?: number;
  /** Connections that all of Marquee's processes together may hold to its server. Default 50. */
  connectionBudget?: number;
  notes?: string;
}

export interface NewSupabaseSource extends Omit<NewPostgresSource, 'kind' | 'adminUrl' | 'pooledUrl'> {
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
  const requestsUrl = checkedUrl(source.pooledUrl ?? adminUrl, name);
  const serverVersion = await expectReady(name, adminUrl, source.pooledUrl !== undefined);
  const logins = generateLogins();
  const admin = await connect({
    url: adminUrl,
    name,
    timeoutMs: 10_000,
    applicationName: 'marquee provisioning',
  });
  try {
    const schemaVersion = await prepare(admin, logins);
    const withheld = await withholdFunctions(admin, source.kind);
    const dataSource = await operations.dataSources.create({
      ...properties(source),
      adminUrl,
      routerUrl: loginUrl(requestsUrl, logins.router),
      moverUrl: loginUrl(adminUrl, logins.mover),
      serverVersion,
      schemaVersion,
    });
    const steps = stepsOf(logins, schemaVersion);
    if (withheld) steps.push(WITHHELD);
    if (source.pooledUrl) {
      steps.push(
        `Requests go through ${serverOf(source.pooledUrl)}: it has to let ${logins.router.name} in.`,
      );
    }
    return { dataSource, steps };
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
  source: Omit<NewPostgresSource, 'adminUrl' | 'pooledUrl'> & { routerUrl: string; moverUrl: string },
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

/**
 * Gives a data source whose URLs lead through a pooler the server's own address: for migrations and moves. Requests go on as before.
 *
 * @param directUrl of the owner; of a data source that a DBA made ready, user and password do not count
 * @throws DataSourceError `data_source_pooled`, `data_source_*` from the connection test: also where the mover's login does not exist,
 *   and so the server is another one; OperationsError `data_source_unknown`
 */
export async function setDirectUrl(
  operations: OperationsDatabase,
  idOrName: string,
  directUrl: string,
): Promise<DataSource> {
  const { id, name } = await operations.dataSources.get(idOrName);
  const { adminUrl, moverUrl } = await operations.dataSources.credentials(id);
  const direct = checkedUrl(directUrl, name);
  if (!moverUrl) {
    throw new DataSourceError('data_source_request_refused', `${name} has no login for moves.`, {
      hint: 'A Supabase project’s database is given when it is added.',
    });
  }
  const mover = atAddressOf(direct, moverUrl);
  const test = await testConnection({ kind: 'postgres', url: mover, purpose: 'mover' });
  expectPassed(name, test);
  expectDirect(name, test);
  if (adminUrl) await expectReady(name, direct);
  return operations.dataSources.setCredentials(id, {
    moverUrl: mover,
    ...(adminUrl ? { adminUrl: direct } : {}),
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

async function expectReady(name: string, adminUrl: string, direct = false): Promise<number | undefined> {
  const test = await testConnection({ kind: 'postgres', url: adminUrl, purpose: 'administrator' });
  expectPassed(name, test);
  if (direct) expectDirect(name, test);
  return versionNumber(test.serverVersion);
}

function expectPassed(name: string, test: Awaited<ReturnType<typeof testConnection>>): void {
  const failure = test.checks.find((check) => check.outcome === 'failed');
  if (!failure) return;
  throw new DataSourceError(failure.code ?? 'provisioning_failed', `${name}: ${failure.message}`, {
    hint: failure.hint,
  });
}

function expectDirect(name: string, { checks }: Awaited<ReturnType<typeof testConnection>>): void {
  const pooler = checks.find((check) => check.name === 'pooler');
  if (!pooler) return;
  throw new DataSourceError('data_source_pooled', `${name}: at the direct URL a pooler answers too.`, {
    hint: 'Give the address of the server itself.',
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

const WITHHELD =
  'Took advisory locks, large objects, notifications and messages in the change stream away from PUBLIC in this database.';

/**
 * Takes away what would let SQL of one tenant harm others of the database, where it is Marquee's own and the administrator
 * may: a customer's other roles may need it.
 */
export async function withholdFunctions(admin: pg.Client, kind: DataSourceKind): Promise<boolean> {
  if (kind !== 'shared' && kind !== 'dedicated') return false;
  const { rows } = await admin.query<{ done: boolean }>('select tenancy.withhold_functions() as done');
  return rows[0]?.done ?? false;
}

async function takeBack(admin: pg.Client, logins: DatabaseLogins): Promise<void> {
  for (const statement of dropLoginStatements(logins)) await admin.query(statement).catch(() => {});
}

function properties(
  source: Omit<NewPostgresSource, 'kind' | 'adminUrl' | 'pooledUrl'> & { kind: DataSourceKind },
) {
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
