import { type ApplicationDatabase, openApplicationDatabase } from '@/lib/application';
import type { Configuration } from '@/lib/configuration';
import { MarqueeError } from '@/lib/errors';
import { createLocalKeyProvider, createSecretBox, createTokens, type Tokens } from '@/lib/secrets';
import type { DataSourceManagerDependencies } from './manager';
import type { TenantDirectory } from './route';

/** The application database as the place where routes come from. */
export function directoryOf(application: ApplicationDatabase): TenantDirectory {
  return {
    placement: (tenantId) => application.tenants.placement(tenantId),
    credentials: (tenantId) => application.tenants.credentials(tenantId),
    listen: (changed) => application.listenToRoutes(changed),
  };
}

/** How a manager takes access tokens: those of a tenant's users, signed by us. */
export function tokenVerifier(tokens: Tokens): DataSourceManagerDependencies['verifyAccessToken'] {
  return async (token) => {
    const { tenantId, userId, role } = await tokens.verifyAccessToken(token);
    if (tenantId === null) throw new Error('The token of an operator names no tenant.');
    return { tenantId, userId, userRole: role };
  };
}

/**
 * What the shared manager is made of.
 *
 * @throws MarqueeError `configuration_incomplete` naming the variables that are missing
 */
export async function dependenciesFrom(configuration: Configuration): Promise<DataSourceManagerDependencies> {
  const { APPLICATION_DATABASE_URL: url, ENCRYPTION_KEY: key } = configuration;
  if (!url || !key) {
    const missing = [url ? '' : 'APPLICATION_DATABASE_URL', key ? '' : 'ENCRYPTION_KEY'].filter(Boolean);
    throw new MarqueeError('configuration_incomplete', `${missing.join(' and ')} must be set.`, {
      hint: 'Run npm start once, or set them as .env.example says.',
    });
  }
  const secretBox = createSecretBox({ provider: createLocalKeyProvider(key), fingerprintKey: key });
  const application = openApplicationDatabase({ url, secretBox });
  return {
    directory: directoryOf(application),
    verifyAccessToken: tokenVerifier(createTokens({ key })),
    close: () => application.close(),
  };
}
