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
  /**
   * `expand` only adds, so that programs of the version before go on; `contract` takes away what only they use, and waits until none
   * of them runs. The first line says which: `-- phase: contract`.
   */
  phase: 'expand' | 'contract';
}

/** What the files in `schema/` were when the numbers began. */
export const BASELINE = { version: 1, name: 'baseline', checksum: 'baseline' };

/** Functions may name tables that do not exist yet; names without a schema are those of `public`. */
export const SETTINGS = 'set local check_function_bodies = off; set local search_path = public';

/** Migrations in the order of their numbers. */
export function numbered(files: readonly SqlFile[]): Migration[] {
  const migrations = files.map((file) => {
    const [, number = '', name = ''] = /^(\d+)_(.+)\.sql$/.exec(file.path) ?? [];
    const phase = /^-- phase: contract\b/.test(file.text) ? 'contract' : 'expand';
    return { version: Number(number), name, file, checksum: checksumOf(file), phase } as const;
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

/** The order in which these schema files or migrations and the changed function files are applied. */
export function steps(files: SchemaFiles, first: readonly SqlFile[], changed: readonly SqlFile[]): SqlFile[] {
  const wanted = new Set([...first, ...changed]);
  return inOrder(first, files.functions).filter((file) => wanted.has(file));
}

/** A digest of migrations and functions: programs of the same one make the same schema. */
export function digestOf(files: SchemaFiles): string {
  const all = [...files.migrations, ...files.functions].map((file) => `${file.path}:${checksumOf(file)}`);
  return checksumOf({ path: '', text: all.join(',') }).slice(0, 32);
}

/** SHA-256, hex. */
export function checksumOf({ text }: SqlFile): string {
  return createHash('sha256').update(text).digest('hex');
}
