import type pg from 'pg';
import type { DataSource, OperationsDatabase } from '@/lib/operations';
import { migrateTenantData } from '@/lib/tenant-data';
import { DataSourceError } from '../errors';
import { connect } from '../pool/connect';
import { testConnection } from '../testing/connection-test';
import { acceptProjectUrl, acceptUrl } from './given-url';
import {
  failureOf,
  type NewSupabaseSource,
  type ProvisionedDataSource,
  registered,
  rulesOf,
} from './new-data-source';
import { expectPassed, expectReady } from './readiness';

/** Makes PostgREST reload its schema. */
export const RELOAD_SCHEMA = "notify pgrst, 'reload schema'";

/** Registers a Supabase project. If the URL of its database is given, the tenant schema is installed first. */
export async function provisionProject(
  operations: OperationsDatabase,
  source: NewSupabaseSource,
): Promise<ProvisionedDataSource> {
  const { name, anonKey, serviceKey } = source;
  const rules = rulesOf(source);
  const url = acceptProjectUrl(source.url, name, rules);
  const adminUrl = source.adminUrl && acceptUrl(source.adminUrl, name, rules);
  const steps: string[] = [];
  let schemaVersion: number | undefined;
  if (adminUrl) {
    await expectReady(name, adminUrl);
    const admin = await connect({ url: adminUrl, name, timeoutMs: 10_000 });
    try {
      schemaVersion = (await migrateTenantData(admin)).version;
      await admin.query(RELOAD_SCHEMA);
      steps.push(`Installed the tenant schema, version ${schemaVersion}.`);
      steps.push(...(await fenceRequests(admin)));
    } catch (error) {
      throw failureOf(name, error);
    } finally {
      await admin.end();
    }
  }
  expectPassed(name, await testConnection({ kind: 'supabase', url, anonKey, serviceKey }));
  const dataSource = await operations.dataSources.create({
    ...registered(source),
    engine: 'supabase',
    routerUrl: url,
    adminUrl,
    anonKey,
    serviceKey,
    schemaVersion,
  });
  return { dataSource, steps: [...steps, 'Tested the service key on the project’s REST API.'] };
}

/** Makes PostgREST check tenants' fences. A tenant's fence is opened when the tenant is provisioned. */
async function fenceRequests(admin: pg.Client): Promise<string[]> {
  const { rows } = await admin.query<{ fenced: boolean | null }>(
    "select case when to_regrole('authenticator') is not null then tenancy.fence_requests('authenticator') end as fenced",
  );
  switch (rows[0]?.fenced) {
    case true:
      return [
        'Set tenancy.admit_request as PostgREST’s db-pre-request: it checks the tenant’s fence before each request.',
      ];
    case false:
      return [
        'The project has a db-pre-request function of its own, which was not changed. Call tenancy.admit_request() in it: moves rely on it.',
      ];
    default:
      return [];
  }
}

/**
 * Makes a Supabase project reload its schema.
 *
 * @throws DataSourceError `data_source_request_refused` if the URL of its database is unknown, `data_source_*`
 */
export async function reloadProject(
  operations: OperationsDatabase,
  { id, name }: Pick<DataSource, 'id' | 'name'>,
): Promise<void> {
  const { adminUrl } = await operations.dataSources.credentials(id);
  if (!adminUrl) {
    throw new DataSourceError(
      'data_source_request_refused',
      `Marquee has no URL of the database of ${name}.`,
      {
        hint: "Run in the project's SQL editor: notify pgrst, 'reload schema'",
      },
    );
  }
  const admin = await connect({ url: adminUrl, name, timeoutMs: 10_000 });
  try {
    await admin.query(RELOAD_SCHEMA);
  } finally {
    await admin.end();
  }
}
