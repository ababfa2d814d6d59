import type { TenantClient } from '@/lib/data-sources';
import type { RowOf } from '@/lib/repositories';

/**
 * For what a background job shows on its connection of how it went.
 *
 * @param unless a status that the connection may have come to meanwhile, and that the job must not overrule
 */
export function connectionNote(
  client: TenantClient,
  id: string,
  unless: RowOf<'user_integrations'>['status'],
) {
  return (change: Partial<RowOf<'user_integrations'>>) =>
    client.from('user_integrations').update(change).eq('id', id).neq('status', unless).throwOnError();
}
