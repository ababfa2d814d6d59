import type { DataSourceManager } from '@/lib/data-sources/manager';
import type { OperationsDatabase } from '@/lib/operations';
import type { SecretBox } from '@/lib/secrets';
import type { OAuthClient, OAuthProvider } from './oauth/oauth';

/** What deliveries need: tenants' data, the job queue, and what opens connections to other services. */
export interface DeliveryDependencies {
  manager: Pick<DataSourceManager, 'getClientForTenant'>;
  operations: Pick<OperationsDatabase, 'withLock' | 'connectedTenants' | 'jobs'>;
  services: ConnectionServices;
}

export interface ConnectionServices {
  secretBox: SecretBox;
  /** Marquee's own registrations with providers, by provider. */
  oauthClients: Record<string, Pick<OAuthClient, 'clientId' | 'clientSecret'>>;
  /** The providers, where they are not at the addresses that they publish: a sandbox, a contract fake. */
  oauthProviders?: Record<string, OAuthProvider>;
}
