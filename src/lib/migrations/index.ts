// A schema as files: what it is now (`schema/`), its functions (`functions/`), and how an older database comes to it (`migrations/`).
import { createHash } from 'node:crypto';
import pg from 'pg';
import { MigrationError } from './errors';
import { inOrder } from './order';
import type { SqlFile } from './sql-files';

export { functionsOf } from './order';
export { readSqlFiles, type SqlFile } from './sql-files';

/** The files of one kind of database. */
export interface SchemaFiles {
  /** Everything but functions, as it is now: a new database is made from these, in the order of their names. */
  schema: readonly SqlFile[];
  /** Each function once, with its rights. A file that was changed is applied again. */
  functions: readonly SqlFile[];
  /** What brings a database that was made from earlier `schema` files to the present ones: `0002_name.sql` and on. */
  migrations: readonly SqlFile[];
}

/** One numbered file: `0002_tenants.sql` is version 2, name `tenants`. */
interface Migration {
  version: number;
  name: string;
  file: SqlFile;
  checksum: string;
}

export interface MigrateResult {
  /** Versions applied by this call, in order; a new database begins at the newest. */
  applied: number[];
  /** Function files applied by this call. */
  functions: number;
  /** The version the database stands at now. */
  version: number;
}

/** What the files in `schema/` were when the numbers began. */
const BASELINE = { version: 1, name: 'baseline', checksum: 'baseline' };

/** Any constant: it only has to be the same in every Marquee process. */
const ADVISORY_LOCK = 4_611_686_018_427;

/** Functions may name tables that do not exist yet; names without a schema are those of `public`. */
const SETTINGS = 'set local check_function_bodies = off; set local search_path = public';

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

/** The version that `migrate` brings a database to. */
export function newestVersion(files: Pick<SchemaFiles, 'migrations'>): number {
  return Math.max(BASELINE.version, ...numbered(files.migrations).map(({ version }) => version));
}

/** What `migrate` does with a new database as one script, to run in one transaction. */
export function schemaScript(files: SchemaFiles, recordSchema: string): string {
  const record = recordTables(recordSchema);
  const literals = (statement: string, values: (string | number | string[])[]) =>
    statement.replace(/\$(\d)/g, (_, place: string) => {
      const value = values[Number(place) - 1] ?? '';
      if (typeof value === 'number') return String(value);
      return Array.isArray(value)
        ? `array[${value.map(pg.escapeLiteral).join(', ')}]`
        : pg.escapeLiteral(value);
    });
  const { functions } = files;
  return [
    `${record.create};`,
    `${SETTINGS};`,
    ...steps(files, files.schema, functions).map(({ path, text }) => `-- ${path}\n${text}`),
    ...[BASELINE, ...numbered(files.migrations)].map(
      ({ version, name, checksum }) => `${literals(record.noteMigration, [version, name, checksum])};`,
    ),
    `${literals(record.noteFiles, [functions.map(({ path }) => path), functions.map(checksumOf)])};`,
  ].join('\n');
}

/** Migrations in the order of their numbers. */
export function numbered(files: readonly SqlFile[]): Migration[] {
  const migrations = files.map((file) => {
    const [, number = '', name = ''] = /^(\d+)_(.+)\.sql$/.exec(file.path) ?? [];
    return { version: Number(number), name, file, checksum: checksumOf(file) };
  });
  migrations.sort((one, other) => one.version - other.version);
  const twice = migrations.find(({ version }, index) => migrations[index + 1]?.version === version);
  if (twice) {
    throw new MigrationError('migration_numbered_twice', `Two migrations have the number ${twice.version}.`, {
      hint: 'Give the one that was never applied a new number.',
    });
  }
  return migrations;
}

function recordTables(schema: string) {
  const name = pg.escapeIdentifier(schema);
  const migrations = `${name}.migrations`;
  const functionFiles = `${name}.function_files`;
  return {
    migrations,
    functionFiles,
    create: `create schema if not exists ${name};
      create table if not exists ${migrations} (version int primary key, name text not null, checksum text not null,
        applied_at timestamptz not null default now());
      create table if not exists ${functionFiles} (path text, checksum text, applied_at timestamptz not null default now(),
        superseded_at timestamptz, primary key (path, checksum))`,
    noteMigration: `insert into ${migrations} (version, name, checksum) values ($1, $2, $3)`,
    noteFiles: `insert into ${functionFiles} (path, checksum) select * from unnest($1::text[], $2::text[])`,
    supersede: `update ${functionFiles} set superseded_at = now() where path = any ($1) and superseded_at is null`,
    forgetFiles: `delete from ${functionFiles} where path <> all ($1)`,
  };
}

interface RecordedFile {
  path: string;
  checksum: string;
  isCurrent: boolean;
}

/** Function files that the database has not, or has with another text. */
function changedFiles(files: readonly SqlFile[], recorded: readonly RecordedFile[]): SqlFile[] {
  return files.filter((file) => {
    const checksum = checksumOf(file);
    const known = recorded.find((row) => row.path === file.path && row.checksum === checksum);
    if (known && !known.isCurrent) {
      throw new MigrationError(
        'migration_ahead',
        `The database has a later text of functions/${file.path}.`,
        {
          hint: 'A newer Marquee has migrated this database; run that version. To go back to an earlier text, change a comment in it.',
        },
      );
    }
    return !known;
  });
}

function steps(files: SchemaFiles, first: readonly SqlFile[], changed: readonly SqlFile[]): SqlFile[] {
  const wanted = new Set([...first, ...changed]);
  return inOrder(first, files.functions).filter((file) => wanted.has(file));
}

function refuseOtherHistory(
  applied: Pick<Migration, 'version' | 'name' | 'checksum'>[],
  known: Migration[],
): void {
  if (applied[0] && applied[0].name !== BASELINE.name) {
    throw new MigrationError(
      'migration_unsupported',
      'This database was made by Marquee before its first release, and cannot be brought to the present schema.',
      { hint: 'Use an empty database instead; copy what you need from this one by hand.' },
    );
  }
  for (const { version, name, checksum } of applied) {
    if (version === BASELINE.version) continue;
    const migration = known.find((one) => one.version === version);
    if (!migration) {
      throw new MigrationError(
        'migration_ahead',
        `The database has migration ${version} (${name}), unknown here.`,
        { hint: 'A newer Marquee has migrated this database; run that version.' },
      );
    }
    if (migration.checksum !== checksum) {
      throw new MigrationError(
        'migration_changed',
        `Migration ${version} (${name}) was changed after it was applied.`,
        { hint: 'Restore the file as it was and put the change into a new migration.' },
      );
    }
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

function checksumOf({ text }: SqlFile): string {
  return createHash('sha256').update(text).digest('hex');
}
