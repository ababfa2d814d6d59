import { createHash } from 'node:crypto';
import pg from 'pg';
import { MarqueeError } from '@/lib/failures';
import type { SqlFile } from './sql-files';

export { readSqlFiles, type SqlFile } from './sql-files';

/** One numbered `.sql` file: `0001_tenants.sql` is version 1, name `tenants`. */
export interface Migration {
  version: number;
  name: string;
  sql: string;
  /** SHA-256 of the file, hex. */
  checksum: string;
}

export interface MigrateOptions {
  /** Every migration there is, in order: `migrationsFrom`. */
  migrations: readonly Migration[];
  /** Schema that holds the record of applied migrations, table `migrations`; created when missing. */
  schema: string;
  /** Stop after this version; all when left out. */
  upTo?: number;
}

export interface MigrateResult {
  /** Versions applied by this call, in order. */
  applied: number[];
  /** The version the database stands at now. */
  version: number;
}

/** Any constant: it only has to be the same in every Marquee process. */
const ADVISORY_LOCK = 4_611_686_018_427;

/**
 * Applies the migrations that a database lacks, in order, all in one transaction under an advisory lock:
 * a failure leaves the database as it was, and of two processes that start together one waits.
 *
 * @param client a connection of the schema's owner, not inside a transaction
 * @throws MarqueeError `migration_changed` when an applied file differs from its recorded checksum,
 *   `migration_ahead` when the database knows a version this program does not, `migration_failed`
 */
export async function migrate(client: pg.ClientBase, options: MigrateOptions): Promise<MigrateResult> {
  const { migrations } = options;
  const record = `${pg.escapeIdentifier(options.schema)}.migrations`;
  // What another process has applied is seen once its lock is free.
  await client.query('begin isolation level read committed read write');
  try {
    await client.query('select pg_advisory_xact_lock($1)', [ADVISORY_LOCK]);
    await client.query(`create schema if not exists ${pg.escapeIdentifier(options.schema)}`);
    await client.query(
      `create table if not exists ${record} (version int primary key, name text not null, checksum text not null, applied_at timestamptz not null default now())`,
    );
    const { rows } = await client.query<Pick<Migration, 'version' | 'name' | 'checksum'>>(
      `select version, name, checksum from ${record} order by version`,
    );
    refuseChangedHistory(rows, migrations);
    const done = new Set(rows.map((row) => row.version));
    const pending = migrations.filter(
      (migration) =>
        !done.has(migration.version) && migration.version <= (options.upTo ?? Number.MAX_SAFE_INTEGER),
    );
    for (const migration of pending) await apply(client, migration, record);
    await client.query('commit');
    const applied = pending.map((migration) => migration.version);
    return { applied, version: Math.max(0, ...done, ...applied) };
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  }
}

/**
 * The numbered files of a folder as migrations, in order.
 *
 * @throws MarqueeError `migration_numbered_twice`
 */
export function migrationsFrom(files: readonly SqlFile[]): Migration[] {
  const migrations = files.flatMap(({ path, text }) => {
    const [, number, name = ''] = /^(\d+)_(.+)\.sql$/.exec(path) ?? [];
    const checksum = createHash('sha256').update(text).digest('hex');
    return number ? [{ version: Number(number), name, sql: text, checksum }] : [];
  });
  const twice = migrations.find(({ version }, index) => migrations[index + 1]?.version === version);
  if (twice) {
    throw new MarqueeError(
      'migration_numbered_twice',
      `Two migrations have the number ${twice.version}: ${twice.name} is one of them.`,
      { hint: 'Give the one that was never applied a new number.' },
    );
  }
  return migrations;
}

function refuseChangedHistory(
  applied: Pick<Migration, 'version' | 'name' | 'checksum'>[],
  known: readonly Migration[],
): void {
  for (const { version, name, checksum } of applied) {
    const file = known.find((migration) => migration.version === version);
    if (!file) {
      throw new MarqueeError(
        'migration_ahead',
        `The database has migration ${version} (${name}), unknown here.`,
        {
          hint: 'A newer Marquee has migrated this database; run that version.',
        },
      );
    }
    if (file.checksum !== checksum) {
      throw new MarqueeError(
        'migration_changed',
        `Migration ${version} (${name}) was changed after it was applied.`,
        {
          hint: 'Restore the file as it was and put the change into a new migration.',
        },
      );
    }
  }
}

async function apply(client: pg.ClientBase, migration: Migration, record: string): Promise<void> {
  try {
    await client.query(migration.sql);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new MarqueeError(
      'migration_failed',
      `Migration ${migration.version} (${migration.name}): ${detail}`,
      { cause },
    );
  }
  await client.query(`insert into ${record} (version, name, checksum) values ($1, $2, $3)`, [
    migration.version,
    migration.name,
    migration.checksum,
  ]);
}
