import { migrateDataSources } from '@/lib/data-sources';
import { MarqueeError } from '@/lib/failures';
import type { Instance } from './instance';

export interface MigratedDatabase {
  database: string;
  /** Versions applied now. */
  applied: number[];
  version: number | undefined;
  problem: string | undefined;
}

/** Brings every registered data source to this program's schema, all at once. */
export async function migrateTenantData({
  operations,
}: Pick<Instance, 'operations'>): Promise<MigratedDatabase[]> {
  const sources = await operations.dataSources.list();
  const results = await Promise.all(
    sources.map(({ name }) => migrateDataSources(operations, { names: [name] })),
  );
  return results.flat().map(({ dataSource, applied, version, problem }) => ({
    database: dataSource.name,
    applied,
    version,
    problem: problem === undefined ? undefined : describe(problem),
  }));
}

/** What a driver says may name a login, so only our own words are repeated. */
function describe(problem: unknown): string {
  if (problem instanceof MarqueeError) return `${problem.message} [${problem.code}]`;
  return 'it refused, or only its administrator may do it (marquee source test says more)';
}
