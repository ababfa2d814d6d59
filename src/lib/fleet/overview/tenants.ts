import type { ApplicationDatabase } from '@/lib/application';
import type { OperationsDatabase } from '@/lib/operations';
import { readHealthSummaries } from '../health';
import { counts, type Findings, type Item } from './part';
import { inState, saying, stepFor, that, titleOf } from './words';

interface Databases {
  application: Pick<ApplicationDatabase, 'tenants'>;
  operations: Pick<OperationsDatabase, 'pool'>;
}

/** Age from which on a tenant that is still being set up counts as abandoned, ms. */
const LONG_MS = 15 * 60_000;

/** Counts by status; the items are groups of tenants that are not served as they should be. */
export async function readTenants({ application, operations }: Databases): Promise<Findings> {
  const [all, health, halfway] = await Promise.all([
    application.tenants.counts(),
    readHealthSummaries(operations.pool).catch(() => []),
    application.tenants.list({ status: 'provisioning', limit: 20 }),
  ]);
  const byStatus: Record<string, number> = {};
  for (const { status, count } of all) byStatus[status] = (byStatus[status] ?? 0) + count;
  const stuck: Item[] = halfway
    .filter(({ createdAt }) => createdAt.getTime() < Date.now() - LONG_MS)
    .map(({ subdomain, createdAt }) => ({
      ...{ level: 'warning', subject: subdomain },
      ...saying(inState('provisioning'), that('half_way', { since: createdAt.toISOString() })),
      ...{ next: `marquee tenant show ${subdomain}`, values: { subdomain, createdAt } },
    }));
  const active = Map.groupBy(
    all.filter(({ status }) => status === 'active'),
    ({ dataSourceId }) => dataSourceId,
  );
  const affected = health.flatMap(({ id, name, state, first }): Item[] => {
    const count = (active.get(id) ?? []).reduce((sum, one) => sum + one.count, 0);
    if (count === 0 || state !== 'unhealthy') return [];
    return [
      {
        ...{ level: 'bad', subject: `${count} on ${name}` },
        ...saying(inState('affected'), ...(first ? [titleOf(first.cause), stepFor(first.cause)] : [])),
        ...{ next: `marquee health ${name}`, values: { dataSource: name, tenants: count } },
      },
    ];
  });
  return { summary: counts(byStatus), items: [...affected, ...stuck] };
}
