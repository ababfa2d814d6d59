import type { ApplicationDatabase, Author } from '@/lib/application';
import type { OperationsDatabase } from '@/lib/operations';
import { setThreshold } from './thresholds';

/**
 * Changes one threshold. Recorded in the audit log: thresholds decide whether an outage is noticed.
 *
 * @param source undefined for all sources
 * @param change.value null goes back to the default
 * @param change.expected what is in force: refuse where someone else changed it since
 * @throws HealthError `health_threshold_invalid`, `health_threshold_changed`
 */
export async function changeThreshold(
  { application, operations }: { application: ApplicationDatabase; operations: OperationsDatabase },
  source: { id: string; name: string } | undefined,
  { name, value, expected }: { name: string; value: number | null; expected?: number | undefined },
  by: Author,
): Promise<void> {
  await setThreshold(operations.pool, source?.id ?? null, name, value, expected);
  await application.audit.append(
    {
      ...{ action: 'health_thresholds.update', entity: 'health_thresholds' },
      ...{ entityId: source?.name ?? 'all', details: { name, value } },
    },
    by,
  );
}
