// Where the tables and columns of a backup go in a database whose schema may be of a later version.
import type { TenantTable } from '@/lib/tenant-data/rows';
import { BackupError } from '../errors';
import type { BackedUpTable } from '../format/manifest';

/** What one migration did to a table or column that backups may hold. */
export interface SchemaChange {
  /** The version that it brings a database to. */
  version: number;
  /** `accounts` or `accounts.fax`. */
  from: string;
  /** The column's new name; null if it was dropped, so that its values have no place. */
  to: string | null;
}

/** A table of a backup with the table that its rows go into. */
export interface MappedTable {
  from: BackedUpTable;
  /** With only the columns that the backup has, in the backup's order, so that both have the same digest. */
  into: TenantTable;
  /** For each column of the backup: whether it has a place. */
  kept: boolean[];
}

/** A line of a migration's file: `-- backups: accounts.fax -> accounts.fax_number`, `-- backups: accounts.fax dropped`. */
const CHANGE = /^-- backups: ([\w."]+) (?:-> ([\w."]+)|dropped)\s*$/gm;

/** What the tenant schema's migrations say about backups, in their order. */
export function readChanges(migrations: readonly { path: string; text: string }[]): SchemaChange[] {
  return migrations
    .flatMap(({ path, text }) =>
      [...text.matchAll(CHANGE)].map(([, from = '', to]) => ({
        version: Number.parseInt(path, 10),
        from,
        to: to ?? null,
      })),
    )
    .sort((one, other) => one.version - other.version);
}

/**
 * Maps a backup's tables. Columns that only the database has take their defaults.
 *
 * @param version of the schema that the backup was made with
 * @throws BackupError `backup_schema_differs`, naming every table and column with rows that has no place
 */
export function mapTables(
  backup: { tables: readonly BackedUpTable[]; version: number },
  tables: readonly TenantTable[],
  changes: readonly SchemaChange[],
): MappedTable[] {
  const later = changes.filter(({ version }) => version > backup.version);
  const placeOf = (name: string) =>
    later.reduce<string | null>((at, { from, to }) => (at === from ? to : at), name);
  const there = new Map(tables.map((table) => [table.name, table]));
  const lacking: string[] = [];
  const mapped = backup.tables.flatMap((from): MappedTable[] => {
    const name = placeOf(from.name);
    if (name === null) return [];
    const table = there.get(name);
    if (!table) {
      if (from.rows > 0) lacking.push(from.name);
      return [];
    }
    const columns = from.columns.map((column) => {
      const place = placeOf(`${from.name}.${column.name}`);
      if (place === null) return undefined;
      const wanted = place.startsWith(`${from.name}.`)
        ? place.slice(from.name.length + 1)
        : place.split('.').at(-1);
      const found = table.columns.find((one) => one.name === wanted);
      if (!found && from.rows > 0) lacking.push(`${from.name}.${column.name}`);
      return found;
    });
    const tenant = table.columns.filter((column) => column.name === 'tenant_id');
    const placed = columns.filter((column) => column !== undefined);
    return [{ from, into: { ...table, columns: [...tenant, ...placed] }, kept: columns.map(Boolean) }];
  });
  if (lacking.length === 0) return mapped;
  throw new BackupError(
    'backup_schema_differs',
    `The database has no place for what the backup holds: ${lacking.join(', ')}.`,
    { hint: `The backup was made with version ${backup.version} of the tenant schema.` },
  );
}
