// A schema as files: what it is now (`schema/`), its functions (`functions/`), and how an older database comes to it (`migrations/`).
import type pg from 'pg';
import { MigrationError } from './errors';
import {
  BASELINE,
  checksumOf,
  type Migration,
  newestVersion,
  numbered,
  type SchemaFiles,
  SETTINGS,
  steps,
} from './files';
import { changedFiles, type RecordedFile, recordTables, refuseOtherHistory } from './record';
import type { SqlFile } from './sql-files';

export { readCatalog } from './catalog';
export { digestOf, type Migration, newestVersion, numbered, type SchemaFiles } from './files';
export { functionsOf } from './order';
export { schemaScript, updateScript } from './script';
export { readSqlFiles, type SqlFile } from './sql-files';

export interface MigrateResult {
  /** Versions applied by this call, in order; a new database begins at the newest. */
  applied: number[];
  /** Function files applied by this call. */
  functions: number;
  /** The version the database stands at now. */
  version: number;
  /** Versions that wait for the contract phase, if any; the first is a contract migration. */
  waiting?: number[];
}

export interface MigrateOptions {
  /** `expand` stops before the first contract migration. Default: everything. */
  phase?: 'expand' | 'contract';
  /** How long a statement may wait for a lock of a table, ms: what waits behind it waits as long. Default: without limit. */
  lockTimeoutMs?: number;
}

/** What `migrate` would do with a database. */
export interface PendingChanges {
  /** 0 where there is no schema yet. */
  version: number;
  expand: Migration[];
  /** The first contract migration and what comes after it. */
  contract: Migration[];
  /** Functions whose files have changed: applied with the first phase. */
  functions: SqlFile[];
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
  { phase = 'contract', lockTimeoutMs = 0 }: MigrateOptions = {},
): Promise<MigrateResult> {
  const migrations = numbered(files.migrations);
  const record = recordTables(recordSchema);
  // Read after the lock is acquired, so that what another process has applied is seen.
  await client.query('begin isolation level read committed read write');
  try {
    await client.query('select pg_advisory_xact_lock($1)', [ADVISORY_LOCK]);
    await client.query(record.create);
    const { applied, pending: all, changed } = await compare(client, files, recordSchema);
    const isNew = applied.length === 0;
    const { expand, contract } = inPhases(all);
    const waits = phase === 'expand' && !isNew;
    const [pending, waiting] = waits ? [expand, contract] : [all, []];
    await client.query(`${SETTINGS}; set local lock_timeout = ${Math.round(lockTimeoutMs)}`);
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
      ...(waiting.length > 0 ? { waiting: waiting.map(({ version }) => version) } : {}),
    };
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  }
}

/**
 * Needs no right but to read the record.
 *
 * @returns the version the database stands at, or undefined where `migrate` would do something
 * @throws MarqueeError as `migrate`, where the database is of another or a newer program
 */
export async function recordedVersion(
  client: pg.ClientBase,
  files: SchemaFiles,
  recordSchema: string,
): Promise<number | undefined> {
  const { applied, pending, changed } = await compare(client, files, recordSchema);
  return pending.length > 0 || changed.length > 0 ? undefined : applied.at(-1)?.version;
}

/**
 * What `migrate` would do, read without a lock. Needs no right but to read the record.
 *
 * @throws MarqueeError as `migrate`, where the database is of another or a newer program
 */
export async function pendingChanges(
  client: pg.ClientBase,
  files: SchemaFiles,
  recordSchema: string,
): Promise<PendingChanges> {
  const { rows } = await client.query<{ there: boolean }>('select to_regclass($1) is not null as there', [
    `${recordSchema}.migrations`,
  ]);
  if (!rows[0]?.there) return { version: 0, expand: [], contract: [], functions: [...files.functions] };
  const { applied, pending, changed } = await compare(client, files, recordSchema);
  return { version: applied.at(-1)?.version ?? 0, ...inPhases(pending), functions: changed };
}

/** What `migrate` would do with a database, as it is shown. */
export interface PlannedMigration {
  version: number;
  toVersion: number;
  /** Versions that are applied. */
  migrations: number[];
  /** Functions whose files have changed. */
  functions: number;
}

/** As `pendingChanges`, of a database that is migrated in one phase. */
export async function plannedMigration(
  client: pg.ClientBase,
  files: SchemaFiles,
  recordSchema: string,
): Promise<PlannedMigration> {
  const { version, expand, contract, functions } = await pendingChanges(client, files, recordSchema);
  return {
    ...{ version, toVersion: newestVersion(files), functions: functions.length },
    migrations: [...expand, ...contract].map((migration) => migration.version),
  };
}

/** Migrations stay in their order: an expand migration after a contract one waits with it. */
function inPhases(pending: Migration[]): Pick<PendingChanges, 'expand' | 'contract'> {
  const first = pending.findIndex(({ phase }) => phase === 'contract');
  const end = first < 0 ? pending.length : first;
  return { expand: pending.slice(0, end), contract: pending.slice(end) };
}

/** What was applied, and what is yet to be: migrations, and functions whose files have changed. */
async function compare(client: pg.ClientBase, files: SchemaFiles, recordSchema: string) {
  const migrations = numbered(files.migrations);
  const record = recordTables(recordSchema);
  const { rows: applied } = await client.query<Pick<Migration, 'version' | 'name' | 'checksum'>>(
    `select version, name, checksum from ${record.migrations} order by version`,
  );
  const { rows: functions } = await client.query<RecordedFile>(
    `select path, checksum, superseded_at is null as "isCurrent" from ${record.functionFiles}`,
  );
  refuseOtherHistory(applied, migrations);
  const pending = migrations.filter(({ version }) => !applied.some((row) => row.version === version));
  return { applied, pending, changed: changedFiles(files.functions, functions) };
}

async function apply(client: pg.ClientBase, { path, text }: SqlFile): Promise<void> {
  try {
    await client.query(text);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new MigrationError('migration_failed', `${path}: ${detail}`, { cause });
  }
}
