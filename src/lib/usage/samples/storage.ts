// How much of a data source's storage each tenant takes: its part of the rows of each table, of which large ones are sampled, times what
// the table takes on disk with its indexes. All parts and what is shared sum to the size of the database.
import type pg from 'pg';
import { quote } from '@/lib/tenant-data/rows';
import { divide } from '../cost/allocate';

export interface MeasuredStorage {
  /** By the tenant's id there. */
  tenants: Map<string, bigint>;
  /** Catalogs, the schema `tenancy`, empty tables. */
  shared: bigint;
  /** Stored files, by the tenant's id there. */
  files: Map<string, bigint>;
}

/** Pages of a table that are read at most; larger tables are sampled. */
const MOST_PAGES = 2_000;

/** @param client of a login that reads every tenant's rows, outside of a transaction */
export async function measureStorage(client: pg.ClientBase): Promise<MeasuredStorage> {
  await client.query('begin transaction isolation level repeatable read read only');
  try {
    await client.query(
      "select set_config('statement_timeout', '60s', true), set_config('lock_timeout', '5s', true)",
    );
    const { rows: tables } = await client.query<{
      schema: string;
      name: string;
      pages: number;
      bytes: string;
    }>(
      `select n.nspname "schema", c.relname "name", (pg_relation_size(c.oid) / current_setting('block_size')::int)::float8 pages,
         pg_total_relation_size(c.oid) bytes
       from tenancy.movable_tables() m join pg_class c on c.oid = m join pg_namespace n on n.oid = c.relnamespace order by 1, 2`,
    );
    const { rows: sizes } = await client.query<{ bytes: string }>(
      'select pg_database_size(current_database()) bytes',
    );
    const tenants = new Map<string, bigint>();
    let attributed = 0n;
    for (const { schema, name, pages, bytes } of tables) {
      const table = `${quote(schema)}.${quote(name)}`;
      const rows = await rowBytes(client, table, pages);
      if (rows.length === 0) continue;
      const size = BigInt(bytes);
      attributed += size;
      for (const [index, part] of divide(
        size,
        rows.map((row) => BigInt(row.bytes)),
      ).entries()) {
        const id = rows[index]?.tenant ?? '';
        tenants.set(id, (tenants.get(id) ?? 0n) + part);
      }
    }
    const { rows: files } = await client.query<{ tenant: string; bytes: string }>(
      'select tenant_id tenant, sum(size_bytes)::text bytes from public.attachments group by 1',
    );
    const all = BigInt(sizes[0]?.bytes ?? 0);
    return {
      tenants,
      // Tables may grow while the database is measured.
      shared: all > attributed ? all - attributed : 0n,
      files: new Map(files.map(({ tenant, bytes }) => [tenant, BigInt(bytes)])),
    };
  } finally {
    await client.query('rollback');
  }
}

/** Bytes of the rows of each tenant; of those in a sample of pages, for a large table. A sample that met no row: of all. */
async function rowBytes(
  client: pg.ClientBase,
  table: string,
  pages: number,
): Promise<{ tenant: string; bytes: string }[]> {
  const read = async (sample: string) => {
    const { rows } = await client.query<{ tenant: string; bytes: string }>(
      `select tenant_id tenant, sum(pg_column_size(t.*))::text bytes from ${table} t ${sample} group by 1 order by 1`,
    );
    return rows;
  };
  if (pages <= MOST_PAGES) return read('');
  const sampled = await read(`tablesample system (${(100 * MOST_PAGES) / pages})`);
  return sampled.length > 0 ? sampled : read('');
}
