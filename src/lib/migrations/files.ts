import { createHash } from 'node:crypto';
import { MigrationError } from './errors';
import { inOrder } from './order';
import type { SqlFile } from './sql-files';

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
export interface Migration {
  version: number;
  name: string;
  file: SqlFile;
  checksum: string;
}

/** What the files in `schema/` were when the numbers began. */
export const BASELINE = { version: 1, name: 'baseline', checksum: 'baseline' };

/** Functions may name tables that do not exist yet; names without a schema are those of `public`. */
export const SETTINGS = 'set local check_function_bodies = off; set local search_path = public';

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

/** The version that `migrate` brings a database to. */
export function newestVersion(files: Pick<SchemaFiles, 'migrations'>): number {
  return Math.max(BASELINE.version, ...numbered(files.migrations).map(({ version }) => version));
}

/** Of these schema files or migrations and the changed function files, the order in which they are applied. */
export function steps(files: SchemaFiles, first: readonly SqlFile[], changed: readonly SqlFile[]): SqlFile[] {
  const wanted = new Set([...first, ...changed]);
  return inOrder(first, files.functions).filter((file) => wanted.has(file));
}

/** SHA-256, hex. */
export function checksumOf({ text }: SqlFile): string {
  return createHash('sha256').update(text).digest('hex');
}
