import { type ApplicationDatabase, openApplicationDatabase } from '@/lib/application';
import { type Configuration, secretSettings } from '@/lib/configuration';
import { StartError } from '@/lib/failures';
import { type OperationsDatabase, openOperationsDatabase } from '@/lib/operations';
import { openSecrets, type Tokens } from '@/lib/secrets';
import { type Budgets, LocalBudgets, SharedBudgets } from './admission/server-budgets';
import { placeByDefault } from './provisioning/default-source';
import type { VerifyAccessToken } from './routing/call';
import type { TenantDirectory } from './routing/route';
import { DEFAULT_SOURCE_SETTINGS, type SourceSettings } from './sources/sources';

/** The manager's dependencies; `dependenciesFrom` makes them from the configuration. */
export interface DataSourceManagerDependencies {
  directory: TenantDirectory;
  verifyAccessToken: VerifyAccessToken;
  /** Shares each server's connection budget with other processes. Default: this process has all of it. */
  budgets?: Budgets;
  settings?: Partial<SourceSettings> & {
    /** How long a statement waits while its tenant is being moved, ms. Default 10,000. */
    moveWaitMs?: number;
  };
  /** Closes what the dependencies opened. */
  close?(): Promise<void>;
}

/**
 * The application database as the place where routes come from.
 *
 * @param place gives an active tenant without a data source one; without it, such a tenant cannot be used
 */
export function directoryOf(
  application: ApplicationDatabase,
  place?: (tenantId: string) => Promise<unknown>,
): TenantDirectory {
  return {
    async placement(tenantId) {
      const placement = await application.tenants.placement(tenantId);
      if (!place || placement?.status !== 'active' || placement.dataSourceId) return placement;
      await place(tenantId);
      return application.tenants.placement(tenantId);
    },
    credentials: (tenantId) => application.tenants.credentials(tenantId),
    listen: (changed, schemaChanged) => application.listenToRoutes(changed, schemaChanged),
    changed: (tenantId, origin) => application.announceChange(tenantId, origin),
  };
}

/** How a manager takes access tokens: those of a tenant's users, signed by us. */
export function tokenVerifier(tokens: Tokens): DataSourceManagerDependencies['verifyAccessToken'] {
  return async (token) => {
    const { tenantId, userId, role, assurance } = await tokens.verifyAccessToken(token);
    if (tenantId === null) throw new Error('The token of an operator names no tenant.');
    if (assurance?.wanted) throw new Error('The session of this token has not shown its second factor.');
    return { tenantId, userId, userRole: role };
  };
}

/**
 * What the shared manager is made of.
 *
 * @throws StartError `configuration_incomplete` naming the variables that are missing
 */
export async function dependenciesFrom(configuration: Configuration): Promise<DataSourceManagerDependencies> {
  const { APPLICATION_DATABASE_URL: url, ENCRYPTION_KEY: key } = configuration;
  if (!url || !key) {
    const missing = [url ? '' : 'APPLICATION_DATABASE_URL', key ? '' : 'ENCRYPTION_KEY'].filter(Boolean);
    throw new StartError('configuration_incomplete', `${missing.join(' and ')} must be set.`, {
      hint: 'Run npm start once, or set them as .env.example says.',
    });
  }
  const { secretBox, tokens } = await openSecrets(secretSettings(configuration));
  const application = openApplicationDatabase({ url, secretBox });
  const { OPERATIONS_DATABASE_URL: operationsUrl } = configuration;
  const operations = operationsUrl
    ? openOperationsDatabase({ url: operationsUrl, secretBox, maxConnections: 2 })
    : undefined;
  // One after another: each takes connections, and there are few.
  let placing: Promise<unknown> = Promise.resolve();
  const place =
    operations &&
    ((tenantId: string) => {
      const author = { actor: 'system:placement' };
      const next = () => placeByDefault({ application, operations }, configuration, tenantId, author);
      placing = placing.then(next, next);
      return placing;
    });
  return {
    directory: directoryOf(application, place),
    verifyAccessToken: tokenVerifier(tokens),
    budgets: operations && (await shareBudgets(operations)),
    async close() {
      await operations?.close();
      await application.close();
    },
  };
}

/** Tenants are served also while the operations database is away; this process then takes itself to be alone. */
async function shareBudgets(operations: OperationsDatabase): Promise<Budgets> {
  const { connectionsPerServer } = DEFAULT_SOURCE_SETTINGS;
  return SharedBudgets.join(operations, { connectionsPerServer }).catch(
    () => new LocalBudgets(connectionsPerServer),
  );
}
