// A schema as files: what it is now (`schema/`), its functions (`functions/`), and how an older database comes to it (`migrations/`).
import type pg from 'pg';
import { MigrationError } from './errors';
import { BASELINE, checksumOf, type Migration, numbered, type SchemaFiles, SETTINGS, steps } from './files';
import { changedFiles, type RecordedFile, recordTables, refuseOtherHistory } from './record';
import type { SqlFile } from './sql-files';

export { newestVersion, numbered, type SchemaFiles } from './files';
export { functionsOf } from './order';
export { schemaScript } from './script';
export { readSqlFiles, type SqlFile } from './sql-files';

export interface MigrateResult {
  /** Versions applied by this call, in order; a new database begins at the newest. */
  applied: number[];
  /** Function files applied by this call. */
  functions: number;
  /** The version the database stands at now. */
  version: number;
}

/** Any constant: it only has to be the same in every Marquee process. */
const ADVISORY_LOCK = 4_611_686_018_427;

/**
 * Makes a new database from its schema files, or brings an older one up to them: numbered migrations that it lacks, then
 * functions whose files have changed. All in one transaction under an advisory lock: a failure leaves the database as it was,
 * and of two processes that start together one waits.
 *
 * @param client a connection of the schema's owner, not inside a transaction
 * @param recordSchema holds the record of what was applied (tables `migrations` and `function_files`); created when missing
 * @throws MigrationError `migration_changed` when an applied migration differs from its recorded checksum, `migration_ahead` when
 *   the database was migrated by a newer program, `migration_unsupported` when it was made before the first release,
 *   `migration_failed`, `migration_numbered_twice`
 */
export async function migrate(
  client: pg.ClientBase,
  files: SchemaFiles,
  recordSchema: string,
): Promise<MigrateResult> {
  const migrations = numbered(files.migrations);
  const record = recordTables(recordSchema);
  // What another process has applied is seen once its lock is free.
  await client.query('begin isolation level read committed read write');
  try {
    await client.query('select pg_advisory_xact_lock($1)', [ADVISORY_LOCK]);
    await client.query(record.create);
    const { rows: applied } = await client.query<Pick<Migration, 'version' | 'name' | 'checksum'>>(
      `select version, name, checksum from ${record.migrations} order by version`,
    );
    const { rows: functions } = await client.query<RecordedFile>(
      `select path, checksum, superseded_at is null as "isCurrent" from ${record.functionFiles}`,
    );
    refuseOtherHistory(applied, migrations);
    const isNew = applied.length === 0;
    const pending = migrations.filter(({ version }) => !applied.some((row) => row.version === version));
    const changed = changedFiles(files.functions, functions);
    await client.query(SETTINGS);
    for (const file of steps(files, isNew ? files.schema : pending.map(({ file }) => file), changed)) {
      await apply(client, file);
    }
    const versions = isNew ? [BASELINE, ...migrations] : pending;
    for (const { version, name, checksum } of versions) {
      await client.query(record.noteMigration, [version, name, checksum]);
    }
    await client.query(record.forgetFiles, [files.functions.map(({ path }) => path)]);
    await client.query(record.supersede, [changed.map(({ path }) => path)]);
    await client.query(record.noteFiles, [changed.map(({ path }) => path), changed.map(checksumOf)]);
    await client.query('commit');
    return {
      applied: versions.map(({ version }) => version),
      functions: changed.length,
      version: Math.max(...applied.map(({ version }) => version), ...versions.map(({ version }) => version)),
    };
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  }
}

async function apply(client: pg.ClientBase, { path, text }: SqlFile): Promise<void> {
  try {
    await client.query(text);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new MigrationError('migration_failed', `${path}: ${detail}`, { cause });
  }
}
