// Reads and writes more rows than fit in memory, inside a tenant's transaction and so under its row-level security.
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import type { Statement } from '@/lib/postgres';
import type { TenantTransaction } from './transaction-client';

/** Options of `readInPages`. */
export interface PageOptions {
  /** Number of rows in a page. Default 1,000. */
  rowsAtOnce?: number;
}

/**
 * Calls `visit` with page after page of a statement's rows; the next page is fetched when `visit` has resolved.
 *
 * @returns how many rows there were
 */
export async function readInPages<Row extends pg.QueryResultRow>(
  transaction: TenantTransaction,
  statement: Statement,
  visit: (rows: Row[]) => Promise<void> | void,
  { rowsAtOnce = 1_000 }: PageOptions = {},
): Promise<number> {
  await transaction.query(`declare marquee_pages no scroll cursor for ${statement.text}`, [
    ...statement.values,
  ]);
  let count = 0;
  for (;;) {
    const { rows } = await transaction.query<Row>(
      `fetch ${Math.max(1, Math.floor(rowsAtOnce))} from marquee_pages`,
    );
    if (rows.length > 0) await visit(rows);
    count += rows.length;
    if (rows.length < rowsAtOnce) break;
  }
  await transaction.query('close marquee_pages');
  return count;
}

/** A relation of the tenant schema, and columns of it. Default: all columns that can be written. */
export interface CopyTarget {
  table: string;
  columns: readonly string[];
}

/**
 * Writes the tenant's rows of a table as CSV with a header.
 *
 * @returns bytes written
 */
export async function copyOut(
  transaction: TenantTransaction,
  { table, columns }: CopyTarget,
  destination: NodeJS.WritableStream,
): Promise<number> {
  const source = transaction.query(
    copyTo(`copy (select ${list(columns)} from ${name(table)}) to stdout with (format csv, header)`),
  );
  let bytes = 0;
  source.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  await pipeline(source, destination);
  return bytes;
}

/**
 * Inserts rows of a CSV with a header. PostgreSQL does not COPY into tables with row-level security, so rows arrive in a
 * temporary table and are inserted from there, where policies check each.
 *
 * @returns rows inserted
 */
export async function copyIn(
  transaction: TenantTransaction,
  { table, columns }: CopyTarget,
  source: NodeJS.ReadableStream,
): Promise<number> {
  const arrivals = 'pg_temp.marquee_arrivals';
  await transaction.query(
    `create temporary table marquee_arrivals on commit drop as select ${list(columns)} from ${name(table)} with no data`,
  );
  const destination = transaction.query(
    copyFrom(`copy ${arrivals} (${list(columns)}) from stdin with (format csv, header)`),
  );
  await pipeline(source, destination);
  const { rowCount } = await transaction.query(
    `insert into ${name(table)} (${list(columns)}) select ${list(columns)} from ${arrivals}`,
  );
  await transaction.query(`drop table ${arrivals}`);
  return rowCount ?? 0;
}

function name(table: string): string {
  return `public.${pg.escapeIdentifier(table)}`;
}

function list(columns: readonly string[]): string {
  return columns.map((column) => pg.escapeIdentifier(column)).join(', ');
}
