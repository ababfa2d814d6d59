import type pg from 'pg';
import type { MigrateOptions, MigrateResult, SchemaFiles } from '@/lib/migrations';
import type { DataSource, OperationsDatabase } from '@/lib/operations';
import { migrateTenantData } from '@/lib/tenant-data';
import { DataSourceError } from '../errors';
import { connect } from '../pool/connect';
import { withholdFunctions } from './data-source';
import { RELOAD_SCHEMA } from './supabase-project';

/** What `migrateDataSources` did to one data source. */
export interface MigratedDataSource {
  dataSource: DataSource;
  /** The versions that were applied. */
  applied: number[];
  /** The schema version after the migration; undefined if it failed. */
  version: number | undefined;
  /** The error, if the migration failed. */
  problem?: unknown;
}

/** Options of `migrateDataSource`. */
export interface MigrateSourceOptions extends MigrateOptions {
  /** The files of the schema. Default: those of this program. */
  files?: SchemaFiles;
}

/** Number of databases that are migrated at once, each over one connection. */
const AT_ONCE = 8;

/**
 * Migrates the tenant schema of every registered data source, or of those in `names`, to this program's version. If one fails, the others
 * are still migrated.
 *
 * @returns one result for each data source; an error is its `problem`
 */
export async function migrateDataSources(
  operations: OperationsDatabase,
  options: MigrateSourceOptions & {
    names?: readonly string[];
    onProgress?: (migrated: MigratedDataSource) => void;
  } = {},
): Promise<MigratedDataSource[]> {
  const { names, onProgress, ...how } = options;
  const all = (await operations.dataSources.list()).filter(({ name }) => names?.includes(name) ?? true);
  const results: MigratedDataSource[] = [];
  let next = 0;
  const work = async () => {
    for (let place = next++; place < all.length; place = next++) {
      const dataSource = all[place] as DataSource;
      results[place] = await migrateDataSource(operations, dataSource, how).then(
        ({ applied, version }) => ({
          dataSource: { ...dataSource, schemaVersion: version },
          applied,
          version,
        }),
        (problem: unknown) => ({ dataSource, applied: [], version: undefined, problem }),
      );
      onProgress?.(results[place] as MigratedDataSource);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return results;
}

/**
 * Migrates the tenant schema of one data source, in one transaction.
 *
 * @throws MarqueeError `migration_*`, `data_source_*`; pg.DatabaseError 55P03 if a lock was not free in time
 */
export function migrateDataSource(
  operations: OperationsDatabase,
  source: DataSource,
  options: MigrateSourceOptions = {},
): Promise<MigrateResult> {
  return withAdministrator(operations, source, async (admin) => {
    const migrated = await migrateTenantData(admin, options);
    await withholdFunctions(admin, source.kind);
    if (source.schemaVersion !== migrated.version) {
      await operations.dataSources.update(source.id, { schemaVersion: migrated.version });
    }
    if (source.engine === 'supabase') await admin.query(RELOAD_SCHEMA);
    return migrated;
  });
}

/**
 * Connects to a data source as the owner of its tables.
 *
 * @throws DataSourceError `data_source_not_administered` if Marquee has no such login; `data_source_*`, see `connect`
 */
export async function withAdministrator<T>(
  operations: OperationsDatabase,
  source: DataSource,
  work: (admin: pg.Client) => Promise<T>,
): Promise<T> {
  const { adminUrl } = await operations.dataSources.credentials(source.id);
  if (!adminUrl) {
    throw new DataSourceError(
      'data_source_not_administered',
      `Marquee has no administrator’s login of ${source.name}: its DBA runs the script.`,
      { hint: 'Print it: marquee migrate script' },
    );
  }
  const admin = await connect({
    url: adminUrl,
    name: source.name,
    timeoutMs: 10_000,
    applicationName: 'marquee migrate',
  });
  try {
    return await work(admin);
  } finally {
    await admin.end().catch(() => {});
  }
}
