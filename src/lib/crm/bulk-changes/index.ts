import type { TenantClient } from '@/lib/data-sources';

/** Records in one transaction: the shorter, the sooner others can save a record of it. */
const PART = 200;

/**
 * Does a bulk change, or undoes it, part by part until it ends. A process that is killed leaves it after a whole part.
 *
 * @param client of the user who began it
 */
export async function continueBulkChange(client: TenantClient, id: string): Promise<void> {
  for (;;) {
    const { data } = await client.rpc('continue_bulk_change', { id, most: PART }).throwOnError();
    const { status } = data as unknown as { status: string };
    if (status !== 'running' && status !== 'undoing') return;
  }
}
