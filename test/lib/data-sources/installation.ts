// An application database, an operations database and a manager over them, as a running Marquee has them.
import { randomBytes } from 'node:crypto';
import { after } from 'node:test';
import {
  type ApplicationDatabase,
  migrateApplicationDatabase,
  openApplicationDatabase,
} from '@/lib/application';
import { directoryOf, placeOn, tokenVerifier } from '@/lib/data-sources';
import { DataSourceManager, type DataSourceManagerDependencies } from '@/lib/data-sources/manager';
import { migrateOperationsDatabase, type OperationsDatabase, openOperationsDatabase } from '@/lib/operations';
import { createLocalKeyProvider, createSecretBox, createTokens, type Tokens } from '@/lib/secrets';
import { administer, createTestDatabase } from '../../support/postgres';

export interface Installation {
  application: ApplicationDatabase;
  operations: OperationsDatabase;
  tokens: Tokens;
  applicationUrl: string;
  operationsUrl: string;
  key: string;
  /** @param usage where it adds what tenants use; by default it is not counted */
  newManager(
    settings?: DataSourceManagerDependencies['settings'],
    usage?: DataSourceManagerDependencies['usage'],
  ): DataSourceManager;
}

/** Ended after the test file, with the logins that provisioning made. */
export async function createInstallation(): Promise<Installation> {
  const key = randomBytes(32).toString('hex');
  const open: { close(): Promise<void> }[] = [];
  let operations: OperationsDatabase | undefined;
  after(async () => {
    for (const one of open.reverse()) await one.close();
    const logins = await loginsOf(operations);
    await operations?.close();
    for (const { adminUrl, name } of logins) {
      const server = new URL(adminUrl);
      server.pathname = '/postgres';
      await administer(adminUrl, `drop owned by ${name}`).catch(() => {});
      await administer(server.toString(), `drop role if exists ${name}`).catch(() => {});
    }
  });
  const applicationUrl = await createTestDatabase('application', 'application');
  const operationsUrl = await createTestDatabase('operations', 'operations');
  await migrateApplicationDatabase(applicationUrl);
  await migrateOperationsDatabase(operationsUrl);
  const secretBox = createSecretBox({ provider: createLocalKeyProvider(key), fingerprintKey: key });
  const application = openApplicationDatabase({ url: applicationUrl, secretBox });
  operations = openOperationsDatabase({ url: operationsUrl, secretBox });
  const tokens = createTokens(operations.tokenKeys);
  open.push(application);
  return {
    application,
    operations,
    tokens,
    applicationUrl,
    operationsUrl,
    key,
    newManager(settings, usage) {
      const manager = new DataSourceManager(async () => ({
        directory: directoryOf(application),
        verifyAccessToken: tokenVerifier(tokens),
        settings,
        usage,
      }));
      open.push(manager);
      return manager;
    },
  };
}

/**
 * What a cut-over does to routing, without copying rows: the fence closes in the old place, the route changes, the
 * fence opens in the new place at the new epoch.
 */
export async function moveEmptyTenant(
  { application, operations }: Installation,
  tenantId: string,
  to: string,
): Promise<void> {
  const tenant = await application.tenants.get(tenantId);
  const target = await operations.dataSources.get(to);
  const there = tenant.tenantIdInDataSource;
  const run = async (dataSourceId: string | null, text: string, values: unknown[]) => {
    const { adminUrl } = await operations.dataSources.credentials(dataSourceId ?? '');
    await administer(adminUrl ?? '', text, values);
  };
  await run(tenant.dataSourceId, "select tenancy.close_fence($1, 'moved')", [there]);
  const place = await placeOn(operations, target, there);
  const { routeEpoch } = await application.tenants.setDataSource(tenantId, {
    ...place,
    expectedEpoch: tenant.routeEpoch,
  });
  await run(target.id, 'select tenancy.open_fence($1, $2)', [there, routeEpoch]);
}

async function loginsOf(operations: OperationsDatabase | undefined) {
  const logins: { adminUrl: string; name: string }[] = [];
  for (const { id } of (await operations?.dataSources.list()) ?? []) {
    const credentials = await operations?.dataSources.credentials(id);
    for (const url of [credentials?.routerUrl, credentials?.moverUrl]) {
      // A cluster of several hosts is a test's own.
      if (credentials?.adminUrl && url && URL.canParse(url))
        logins.push({ adminUrl: credentials.adminUrl, name: new URL(url).username });
    }
  }
  return logins;
}
