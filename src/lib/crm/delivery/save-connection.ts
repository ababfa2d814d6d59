// Stores a connection to another service: a calendar, books, payments.
import { GenericRepository, type InsertOf, type RowOf } from '@/lib/repositories';
import { sealCredentials } from './credentials';
import type { DeliveryDependencies } from './dependencies';
import { queueWhole } from './syncs';

/** Books and payments are the company's; a calendar is a person's. */
export const OF_WHOLE_COMPANY: ReadonlySet<string> = new Set(['quickbooks', 'stripe']);

/**
 * Stores the credentials of a connection, encrypted, in place of earlier ones, and queues a full synchronization.
 *
 * @param provider `google`, `quickbooks` or `stripe`
 * @param more the scopes that were granted, and the account's id at the provider
 */
export async function saveConnection(
  parts: DeliveryDependencies,
  { tenant, user }: { tenant: { id: string }; user: { id: string } },
  provider: string,
  credentials: object,
  more: Pick<InsertOf<'user_integrations'>, 'scopes' | 'external_account_id'> = {},
): Promise<RowOf<'user_integrations'>> {
  const rows = new GenericRepository(
    await parts.manager.getClientForTenant(tenant.id, true),
    'user_integrations',
  );
  const user_id = OF_WHOLE_COMPANY.has(provider) ? null : user.id;
  const sealed = await sealCredentials(parts, tenant.id, credentials);
  const values: InsertOf<'user_integrations'> = {
    ...sealed,
    provider,
    user_id,
    ...more,
    status: 'connected',
    last_error: null,
  };
  const existing = await rows.findOne({ provider, user_id });
  const row = existing ? await rows.update(existing.id, values) : await rows.create(values);
  if (provider !== 'stripe') {
    await parts.operations.connectedTenants.add(tenant.id);
    await queueWhole(parts, tenant.id, row);
  }
  return row;
}
