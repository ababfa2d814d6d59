import type { TenantClient } from '@/lib/data-sources';
import type { RowOf } from '@/lib/repositories';

/**
 * Lets a background job record its outcome on its connection.
 *
 * @param unless a status that must not be overwritten, should the connection have it by then
 */
export function connectionNote(
  client: TenantClient,
  id: string,
  unless: RowOf<'user_integrations'>['status'],
) {
  return (change: Partial<RowOf<'user_integrations'>>) =>
    client.from('user_integrations').update(change).eq('id', id).neq('status', unless).throwOnError();
}
