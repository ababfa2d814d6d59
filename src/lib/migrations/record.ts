// What was applied to a database, as the database keeps it.
import pg from 'pg';
import { MigrationError } from './errors';
import { BASELINE, checksumOf, type Migration } from './files';
import type { SqlFile } from './sql-files';

export function recordTables(schema: string) {
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

export interface RecordedFile {
  path: string;
  checksum: string;
  isCurrent: boolean;
}

/** Function files that the database has not, or has with another text. */
export function changedFiles(files: readonly SqlFile[], recorded: readonly RecordedFile[]): SqlFile[] {
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

/** Fails on a database whose migrations are not those of this program, or an earlier part of them. */
export function refuseOtherHistory(
  applied: Pick<Migration, 'version' | 'name' | 'checksum'>[],
  known: Migration[],
): void {
  if (applied[0] && applied[0].name !== BASELINE.name) {
    throw new MigrationError(
      'migration_unsupported',
      'This database was made by Marquee before its first release, and cannot be brought to the current schema.',
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
