import type { ConnectionServices } from '../parts';
import { OAuthError, PROVIDERS } from './oauth';

/** A provider and Marquee's registration with it. @throws OAuthError `not_found` */
export function registeredProvider({ services }: { services: ConnectionServices }, name: string) {
  const provider = (services.oauthProviders ?? PROVIDERS)[name as keyof typeof PROVIDERS];
  const registration = services.oauthClients[name];
  if (provider && registration) return [provider, registration] as const;
  throw new OAuthError('not_found', `Connections to ${name} are not set up here.`, {
    hint: 'The operator registers Marquee with the provider first.',
  });
}
