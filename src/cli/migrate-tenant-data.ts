import { migrateDataSources } from '@/lib/data-sources';
import { problemOf, SchemaRolloutStore } from '@/lib/fleet/schema-rollout';
import type { Instance } from './instance';

export interface MigratedDatabase {
  database: string;
  problem: string;
}

const LOCK_TIMEOUT_MS = 5_000;

/**
 * At a start: brings every data source to this program's schema, but takes nothing away that an older process may use. While a schema
 * rollout is open it decides which database is next, and a start changes none.
 *
 * @returns what was not migrated, and why
 */
export async function migrateTenantData({
  operations,
}: Pick<Instance, 'operations'>): Promise<MigratedDatabase[]> {
  if (await new SchemaRolloutStore(operations.pool).open()) return [];
  const results = await migrateDataSources(operations, { phase: 'expand', lockTimeoutMs: LOCK_TIMEOUT_MS });
  return results.flatMap(({ dataSource, problem }) => {
    if (problem === undefined) return [];
    const { code, message } = problemOf(problem);
    return [{ database: dataSource.name, problem: `${message} [${code}]` }];
  });
}
