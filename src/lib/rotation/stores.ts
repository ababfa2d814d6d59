import type { Author } from '@/lib/application';
import { mailActions } from '@/lib/crm/delivery';
import type { SecretStore } from '@/lib/secrets';
import type { RotationDependencies } from './dependencies';
import { integrationSecrets } from './integrations';

/** Every place where an envelope stands. */
export function allStores(parts: RotationDependencies, by?: Author): SecretStore[] {
  const { application, operations } = parts;
  return [
    ...application.secretStores(by),
    ...operations.secretStores(),
    mailActions(operations),
    integrationSecrets(parts),
  ];
}
