import type { z } from 'zod';
import { GenericRepository } from '@/lib/repositories';
import type { SecretPlace } from '@/lib/secrets';
import type { ConnectionServices, DeliveryDependencies } from './dependencies';

/** Binds credentials to their tenant and column, so that an envelope cannot be used in another tenant's row. */
export const credentialsPlace = (tenantId: string): SecretPlace => ({
  owner: tenantId,
  column: 'user_integrations.credentials',
});

/** What `user_integrations.key_id` says of an envelope. */
export const keyIdIn = (envelope: string): string => envelope.split('.')[1] ?? '';

/** Encrypts credentials for the columns of `user_integrations`, which users cannot read. */
export async function sealCredentials(
  { services }: { services: Pick<ConnectionServices, 'secretBox'> },
  tenantId: string,
  credentials: object,
): Promise<{ credentials: string; key_id: string }> {
  const envelope = await services.secretBox.encrypt(JSON.stringify(credentials), credentialsPlace(tenantId));
  return { credentials: envelope, key_id: keyIdIn(envelope) };
}

/** @returns the credentials; undefined where they do not match the schema */
export async function openCredentials<T>(
  { services }: { services: Pick<ConnectionServices, 'secretBox'> },
  tenantId: string,
  envelope: string,
  shape: z.ZodType<T>,
): Promise<T | undefined> {
  const text = await services.secretBox.decrypt(envelope, credentialsPlace(tenantId));
  return shape.safeParse(JSON.parse(text)).data;
}

/** The credentials of a connection of the whole tenant (no user), or undefined where there is none. */
export async function readCredentials<T>(
  parts: Pick<DeliveryDependencies, 'manager'> & { services: Pick<ConnectionServices, 'secretBox'> },
  tenantId: string,
  provider: string,
  shape: z.ZodType<T>,
): Promise<T | undefined> {
  const client = await parts.manager.getClientForTenant(tenantId, true);
  const row = await new GenericRepository(client, 'user_integrations').findOne({
    provider,
    user_id: null,
    status: 'connected',
  });
  return row?.credentials ? openCredentials(parts, tenantId, row.credentials, shape) : undefined;
}
