import type { DataSource, OperationsDatabase } from '@/lib/operations';
import { migrateTenantData } from '@/lib/tenant-data';
import { connect } from '../pool/connect';
import { withholdFunctions } from './data-source';
import { RELOAD_SCHEMA } from './supabase-project';

export interface MigratedDataSource {
  dataSource: DataSource;
  /** Versions applied. */
  applied: number[];
  /** The database's version; undefined where it could not be migrated. */
  version: number | undefined;
  /** Why it was not migrated: the error, or that only its DBA can do it. */
  problem?: unknown;
}

/**
 * Migrates the tenant schema of every registered data source, or of those named, to this program's version. The others are migrated
 * where one fails.
 */
export async function migrateDataSources(
  operations: OperationsDatabase,
  options: { names?: readonly string[]; onProgress?: (migrated: MigratedDataSource) => void } = {},
): Promise<MigratedDataSource[]> {
  const results: MigratedDataSource[] = [];
  const all = await operations.dataSources.list();
  for (const source of all.filter(({ name }) => options.names?.includes(name) ?? true)) {
    const migrated = await migrateOne(operations, source);
    results.push(migrated);
    options.onProgress?.(migrated);
  }
  return results;
}

async function migrateOne(operations: OperationsDatabase, source: DataSource): Promise<MigratedDataSource> {
  try {
    const { adminUrl } = await operations.dataSources.credentials(source.id);
    if (!adminUrl) {
      const problem = new Error('Marquee has no administrator’s login. The DBA runs the migration script.');
      return { dataSource: source, applied: [], version: undefined, problem };
    }
    const admin = await connect({ url: adminUrl, name: source.name, timeoutMs: 10_000 });
    try {
      const { applied, version } = await migrateTenantData(admin);
      await withholdFunctions(admin, source.kind);
      const dataSource =
        source.schemaVersion === version
          ? source
          : await operations.dataSources.update(source.id, { schemaVersion: version });
      if (source.engine === 'supabase') await admin.query(RELOAD_SCHEMA);
      return { dataSource, applied, version };
    } finally {
      await admin.end();
    }
  } catch (problem) {
    return { dataSource: source, applied: [], version: undefined, problem };
  }
}
