import type { Author, Tenant } from '@/lib/application';
import type { DataSource, OperationsDatabase } from '@/lib/operations';
import { nameOfServer, parsePostgresUrl } from '@/lib/postgres';
import { DataSourceError } from '../errors';
import { provisionDataSource } from './data-source';
import { type ProvisioningDatabases, placeTenant } from './tenant';

/** The name of the data source of DEFAULT_TENANT_DATA_URL, where tenants are placed by default. */
export const DEFAULT_SOURCE = 'default';

/** The specification's variables for new tenants' data. */
export interface DefaultSourceSettings {
  DEFAULT_TENANT_DATA_URL?: string | undefined;
  DEFAULT_TENANT_DATA_ANON_KEY?: string | undefined;
  DEFAULT_TENANT_DATA_SERVICE_KEY?: string | undefined;
}

/**
 * The data source of DEFAULT_TENANT_DATA_URL: the one named `default`, or else the registered data source of that database. If there is
 * neither, one process sets the database up and registers it as `default`.
 *
 * @throws DataSourceError `data_source_unknown` if there is neither and the variable is not set; as `provisionDataSource`
 */
export async function defaultSource(
  operations: OperationsDatabase,
  settings: DefaultSourceSettings,
): Promise<DataSource> {
  const find = () => findDefault(operations, settings.DEFAULT_TENANT_DATA_URL);
  const found = await find();
  if (found) return found;
  return operations.withLock(
    'default data source',
    async () => (await find()) ?? register(operations, settings),
  );
}

async function findDefault(
  operations: OperationsDatabase,
  url: string | undefined,
): Promise<DataSource | undefined> {
  const named = await operations.dataSources.find(DEFAULT_SOURCE);
  if (named || !url) return named;
  for (const source of await operations.dataSources.list()) {
    const { adminUrl, routerUrl } = await operations.dataSources.credentials(source.id);
    if ([adminUrl, routerUrl].some((known) => known && placeOf(known) === placeOf(url))) return source;
  }
  return undefined;
}

/** Whether a data source is the one of DEFAULT_TENANT_DATA_URL. */
export async function isDefaultSource(
  operations: OperationsDatabase,
  { id }: Pick<DataSource, 'id'>,
  url: string,
): Promise<boolean> {
  return (await findDefault(operations, url))?.id === id;
}

/** Server and database of a URL, without the login. */
function placeOf(url: string): string | undefined {
  const parsed = parsePostgresUrl(url);
  return parsed && `${nameOfServer(parsed)}/${parsed.database}`;
}

async function register(
  operations: OperationsDatabase,
  settings: DefaultSourceSettings,
): Promise<DataSource> {
  const {
    DEFAULT_TENANT_DATA_URL: url,
    DEFAULT_TENANT_DATA_ANON_KEY: anonKey,
    DEFAULT_TENANT_DATA_SERVICE_KEY: serviceKey = '',
  } = settings;
  if (!url) {
    throw new DataSourceError('data_source_unknown', 'There is no default data source.', {
      hint: `Set DEFAULT_TENANT_DATA_URL, or add one: marquee source add ${DEFAULT_SOURCE}`,
    });
  }
  // The URL comes from the operator's own environment, so its TLS settings are the operator's decision.
  const rules = { tls: 'url', networks: 'any' } as const;
  const added = url.startsWith('http')
    ? provisionDataSource(operations, {
        name: DEFAULT_SOURCE,
        kind: 'supabase',
        ...rules,
        url,
        serviceKey,
        ...(anonKey ? { anonKey } : {}),
      })
    : provisionDataSource(operations, { name: DEFAULT_SOURCE, kind: 'shared', ...rules, adminUrl: url });
  return (await added).dataSource;
}

/**
 * Places an active tenant without a data source, such as a row inserted by hand, on the default one. Does nothing if another process has
 * placed it meanwhile.
 *
 * @throws DataSourceError `tenant_unplaced` with the reason
 */
export async function placeByDefault(
  databases: ProvisioningDatabases,
  settings: DefaultSourceSettings,
  tenantId: string,
  by?: Author,
): Promise<Tenant> {
  try {
    const { name } = await defaultSource(databases.operations, settings);
    return await placeTenant(databases, tenantId, name, by);
  } catch (cause) {
    const why =
      cause instanceof Error && 'code' in cause ? `${cause.message} [${cause.code}]` : String(cause);
    throw new DataSourceError(
      'tenant_unplaced',
      `The tenant ${tenantId} has no data source, and cannot be placed on the default one: ${why}`,
      {
        hint: `Correct that, or place it elsewhere: marquee tenant place ${tenantId} --source <source>`,
        cause,
      },
    );
  }
}
