// Writes a backup's rows into a database, inside the caller's transaction, and compares them before it returns.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { columnList, digestTable, quote, selectList, writeOrder } from '@/lib/tenant-data/rows';
import type { BackupPoint } from '../dependencies';
import { BackupError } from '../errors';
import type { OpenBackup } from '../open';
import type { MappedTable } from './mapping';

const STAGE = 'marquee_restore_stage';

export interface WriteOptions {
  /** The tenant's id in the database. */
  tenantId: string;
  hooks?: ((point: BackupPoint) => Promise<void> | void) | undefined;
}

/**
 * Writes all rows into tables without rows of the tenant.
 *
 * @param client in a transaction in which Marquee's triggers do nothing and constraints are deferred (`BEGIN_COPYING`)
 * @throws BackupError `backup_corrupt`, `backup_rows_unfit`, `backup_digest_differs`
 */
export async function writeAll(
  client: pg.Client,
  backup: OpenBackup,
  mapped: readonly MappedTable[],
  { tenantId, hooks }: WriteOptions,
): Promise<void> {
  const byName = new Map(mapped.map((table) => [table.into.name, table]));
  for (const { name } of writeOrder(mapped.map(({ into }) => into)).flat()) {
    const table = byName.get(name) as MappedTable;
    await hooks?.('table');
    if (table.from.rows === 0) continue;
    await stage(client, backup, table);
    const { into } = table;
    await client.query(
      `insert into ${into.name} (${columnList(into.columns)}) overriding system value select ${selectList(into, tenantId)} from ${STAGE}`,
    );
    await client.query(`drop table ${STAGE}`);
  }
  await client.query('set constraints all immediate');
  for (const { from, into, kept } of mapped) {
    const { rows, digest } = await digestTable(into, { client, tenantId });
    // Where columns were dropped the rows' digest is another one: they were compared when they were read.
    if (rows !== from.rows || (kept.every(Boolean) && digest !== from.digest)) throw differs(into.name);
  }
}

/**
 * Writes a table's rows, or those with given keys, over the ones that are there; others stay.
 *
 * @param keys texts of the primary key's columns besides `tenant_id`, joined by commas
 * @returns how many were written
 * @throws BackupError `backup_unknown` where the backup has no row of a key; as `writeAll`
 */
export async function writeSome(
  client: pg.Client,
  backup: OpenBackup,
  table: MappedTable,
  tenantId: string,
  keys?: readonly string[],
): Promise<number> {
  const { into, from } = table;
  if (from.rows > 0) await stage(client, backup, table);
  const keyText = `concat_ws(',', ${into.key.map(({ name }) => `${quote(name)}::text`).join(', ')})`;
  const chosen = keys ? ` where ${keyText} = any ($1)` : '';
  const values = keys ? [keys] : [];
  const changed = into.columns
    .filter(({ name }) => name !== 'tenant_id' && !into.key.some((key) => key.name === name))
    .map(({ name }) => `${quote(name)} = excluded.${quote(name)}`);
  const written =
    from.rows === 0
      ? 0
      : ((
          await client.query(
            `insert into ${into.name} (${columnList(into.columns)}) overriding system value
             select ${selectList(into, tenantId)} from ${STAGE}${chosen}
             on conflict (tenant_id, ${columnList(into.key)}) do ${changed.length > 0 ? `update set ${changed.join(', ')}` : 'nothing'}`,
            values,
          )
        ).rowCount ?? 0);
  await client.query('set constraints all immediate');
  await client.query(`drop table if exists ${STAGE}`);
  if (keys && written < new Set(keys).size) {
    throw new BackupError(
      'backup_unknown',
      `The backup has ${written} of the ${new Set(keys).size} rows of ${from.name} that were asked for.`,
      { hint: 'Nothing was changed. Check the keys.' },
    );
  }
  return written;
}

/** Raises what a database says about rows that it does not take. */
export function unfit(error: unknown): unknown {
  // Data exceptions (22) and violated constraints (23).
  if (!(error instanceof pg.DatabaseError && /^2[23]/.test(error.code ?? ''))) return error;
  const what = [error.table, error.constraint].filter(Boolean).join(', ');
  return new BackupError(
    'backup_rows_unfit',
    `The database refuses rows of the backup (${error.code}${what && `: ${what}`}).`,
    {
      cause: error,
    },
  );
}

/** A temporary table, since COPY refuses tables with row-level security; its columns may be fewer than the backup's. */
async function stage(
  client: pg.Client,
  backup: OpenBackup,
  { from, into, kept }: MappedTable,
): Promise<void> {
  const placed = into.columns.filter(({ name }) => name !== 'tenant_id');
  await client.query(
    `create temp table ${STAGE} on commit drop as select ${columnList(placed)} from ${into.name} with no data`,
  );
  let next = 0;
  const columns = kept.map((has, at) => (has ? quote(placed[next++]?.name ?? '') : quote(`dropped ${at}`)));
  for (const [at, has] of kept.entries())
    if (!has) await client.query(`alter table ${STAGE} add column ${quote(`dropped ${at}`)} text`);
  const input = client.query(copyFrom(`copy ${STAGE} (${columns.join(', ')}) from stdin`));
  input.on('error', () => {});
  await pipeline(Readable.from(backup.rows(from), { objectMode: false }), input);
}

function differs(table: string): BackupError {
  return new BackupError('backup_digest_differs', `The restored rows of ${table} differ from the backup’s.`);
}
