import { type ApplicationDatabase, openApplicationDatabase } from '@/lib/application';
import { applicationPlace, type Configuration, secretSettings } from '@/lib/configuration';
import { StartError } from '@/lib/failures';
import { openOperationsDatabase, type Timelines } from '@/lib/operations';
import { createTokens, openSecrets, type Tokens } from '@/lib/secrets';
import { type Budgets, SharedBudgets } from './admission/server-budgets';
import type { UsageStore } from './metering/usage-flush';
import { placeByDefault } from './provisioning/default-source';
import type { VerifyAccessToken } from './routing/call';
import type { TenantDirectory } from './routing/route';
import { DEFAULT_SOURCE_SETTINGS, type SourceSettings } from './sources/sources';

/** The manager's dependencies; `dependenciesFrom` makes them from the configuration. */
export interface DataSourceManagerDependencies {
  directory: TenantDirectory;
  verifyAccessToken: VerifyAccessToken;
  /** Keeps the latest timeline of each cluster for processes that start later. */
  timelines?: Pick<Timelines, 'find' | 'keep'> | undefined;
  /** Shares each server's connection budget with other processes. Default: this process has all of it. */
  budgets?: Budgets;
  /** Where what tenants use is added up. Default: it is not counted. */
  usage?: UsageStore | undefined;
  settings?: Partial<SourceSettings> & {
    /** How long a statement waits while its tenant is being moved, ms. Default 10,000. */
    moveWaitMs?: number;
    /** How often what tenants use is added up, ms. Default 60,000. */
    usageFlushMs?: number;
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
    replicas: (tenantId) => application.tenants.replicas(tenantId),
    listen: (changed, schemaChanged) => application.listenToRoutes(changed, schemaChanged),
    changed: (tenantId) => application.announceChange(tenantId),
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
  const { ENCRYPTION_KEY: key } = configuration;
  const applicationAt = applicationPlace(configuration);
  if (!applicationAt || !key) {
    const missing = [applicationAt ? '' : 'APPLICATION_DATABASE_URL', key ? '' : 'ENCRYPTION_KEY'].filter(
      Boolean,
    );
    throw new StartError('configuration_incomplete', `${missing.join(' and ')} must be set.`, {
      hint: 'Run npm start once, or set them as .env.example says.',
    });
  }
  const secretBox = await openSecrets(secretSettings(configuration));
  const application = openApplicationDatabase({ ...applicationAt, secretBox });
  const { OPERATIONS_DATABASE_URL: operationsUrl } = configuration;
  const operations = operationsUrl
    ? openOperationsDatabase({
        ...{ url: operationsUrl, secretBox, maxConnections: 2 },
        recordChange: (change, by) => application.audit.append(change, by),
      })
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
    verifyAccessToken: operations ? tokenVerifier(createTokens(operations.tokenKeys)) : withoutKeys,
    timelines: operations?.timelines,
    usage: operations?.usage,
    settings: { region: configuration.MARQUEE_REGION },
    // Tenants are served while the operations database cannot be reached, too.
    budgets: operations && (await SharedBudgets.join(operations, DEFAULT_SOURCE_SETTINGS)),
    async close() {
      await operations?.close();
      await application.close();
    },
  };
}

/** The keys of tokens are in the operations database. */
async function withoutKeys(): Promise<never> {
  throw new StartError(
    'configuration_incomplete',
    'OPERATIONS_DATABASE_URL must be set to verify access tokens.',
    {
      hint: 'Set it as .env.example says, or act as trusted server code (useServiceRole).',
    },
  );
}
