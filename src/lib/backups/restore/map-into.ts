// What of a backup goes where in a database.
import type pg from 'pg';
import { schemaFingerprint, tenantDataFiles } from '@/lib/tenant-data';
import { readTables, withBriefLocks } from '@/lib/tenant-data/rows';
import { BackupError } from '../errors';
import type { OpenBackup } from '../open';
import { type MappedTable, mapTables, readChanges } from './mapping';

/**
 * Where a backup's tables go in a database, or one of them.
 *
 * @throws BackupError `backup_schema_differs`; `backup_unknown` where the backup has no such table
 */
export async function mapInto(
  client: pg.ClientBase,
  { manifest }: OpenBackup,
  only?: string,
): Promise<MappedTable[]> {
  const wanted = only ? manifest.tables.filter(({ name }) => name === only) : manifest.tables;
  if (wanted.length === 0) {
    throw new BackupError('backup_unknown', `The backup has no table ${only}.`, {
      hint: 'See its tables: marquee backup show BACKUP',
    });
  }
  await expectNotEarlier(client, manifest.schema.version);
  const { migrations = [] } = await tenantDataFiles();
  const backup = { tables: wanted, version: manifest.schema.version };
  const mapped = mapTables(backup, await readTables(client), readChanges(migrations));
  if (only && mapped.length === 0)
    throw new BackupError('backup_schema_differs', `The table ${only} was dropped from the schema.`);
  return mapped;
}

/** A database of an earlier version lacks rules that the backup's rows were written under. */
async function expectNotEarlier(client: pg.ClientBase, version: number): Promise<void> {
  const there = Number.parseInt(await schemaFingerprint(client), 10);
  if (!(there < version)) return;
  throw new BackupError(
    'backup_schema_differs',
    `The backup was made with version ${version} of the tenant schema, and the database has version ${there}.`,
    { hint: 'Bring the database to this version: marquee migrate' },
  );
}

/** A table with fewer rows is scanned as fast as it is looked up. */
const ANALYZE_ROWS = 50;

/**
 * What follows the commit: customers' sequences are advanced to where they were (never set back, so that no number is given twice), and
 * the planner's statistics are renewed, as autovacuum would a minute later.
 */
export async function settleTables(
  client: pg.ClientBase,
  { manifest }: OpenBackup,
  mapped: readonly MappedTable[],
): Promise<void> {
  for (const { table, column, reached } of manifest.sequences) {
    const { rows } = await client.query('select to_regclass($1) is not null as there', [table]);
    if (!rows[0]?.there) continue;
    const values = [table, column, reached];
    await withBriefLocks(client, 'select tenancy.continue_sequence($1::regclass, $2, $3)', values);
  }
  for (const { into, from } of mapped)
    if (from.rows > ANALYZE_ROWS) await client.query('select tenancy.analyze_table($1::oid)', [into.oid]);
}
