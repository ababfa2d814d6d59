import type { ConnectionServices } from '../dependencies';
import { OAuthError, PROVIDERS } from './oauth';

/** A provider and Marquee's registration with it. @throws OAuthError `oauth_not_set_up` */
export function registeredProvider({ services }: { services: ConnectionServices }, name: string) {
  const provider = (services.oauthProviders ?? PROVIDERS)[name as keyof typeof PROVIDERS];
  const registration = services.oauthClients[name];
  if (provider && registration) return [provider, registration] as const;
  throw new OAuthError('oauth_not_set_up', `Connections to ${name} are not set up here.`);
}
