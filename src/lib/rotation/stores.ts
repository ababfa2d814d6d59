import type { Author } from '@/lib/application';
import { mailActions } from '@/lib/crm/delivery';
import type { SecretStore } from '@/lib/secrets';
import { integrationSecrets } from './integrations';
import type { RotationParts } from './parts';

/** Every place where an envelope stands. */
export function allStores(parts: RotationParts, by?: Author): SecretStore[] {
  const { application, operations } = parts;
  return [
    ...application.secretStores(by),
    ...operations.secretStores(),
    mailActions(operations),
    integrationSecrets(parts),
  ];
}
