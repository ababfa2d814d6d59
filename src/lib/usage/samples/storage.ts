// How much of a data source's storage each tenant takes: its part of the rows of each table, of which large ones are sampled, times what
// the table takes on disk with its indexes. All parts and what is shared sum to the size of the database.
import type pg from 'pg';
import { z } from 'zod';
import { ProjectConnection } from '@/lib/data-sources';
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

const Bytes = z.string().regex(/^\d{1,18}$/);
/** Bytes by the tenant's id. */
const ByTenant = z.record(z.guid(), Bytes);
/** What a database says: the answer of `storage_by_tenant` in a Supabase project, or the same over a PostgreSQL login. */
const Counted = z.object({
  database: Bytes,
  /** Of each table what it takes on disk, and the bytes of the rows that were read. */
  tables: z.array(z.object({ bytes: Bytes, rows: ByTenant })),
  files: ByTenant,
});
type Counted = z.infer<typeof Counted>;

/** Pages of a table that are read at most; larger tables are sampled. */
const MOST_PAGES = 2_000;
/** How long a project may take, ms. */
const PROJECT_MS = 60_000;
/** Of a project's answer, which may be that of another server. */
const MOST_BYTES = 64 << 20;

/** @param client of a login that reads every tenant's rows, outside of a transaction */
export async function measureStorage(client: pg.ClientBase): Promise<MeasuredStorage> {
  await client.query('begin transaction isolation level repeatable read read only');
  try {
    await client.query(
      "select set_config('statement_timeout', '60s', true), set_config('lock_timeout', '5s', true)",
    );
    return attribute(await countRows(client));
  } finally {
    await client.query('rollback');
  }
}

/**
 * Measures a Supabase project over its REST API.
 *
 * @returns undefined where the project has no such function: its schema is older
 * @throws Error that says what the project has answered; what fetch throws
 */
export async function measureProject(
  url: string,
  serviceKey: string,
  signal?: AbortSignal,
): Promise<MeasuredStorage | undefined> {
  const connection = new ProjectConnection(url);
  try {
    const limit = AbortSignal.timeout(PROJECT_MS);
    const response = await connection.fetch('/rest/v1/rpc/storage_by_tenant', {
      method: 'POST',
      headers: {
        ...{ apikey: serviceKey, authorization: `Bearer ${serviceKey}` },
        ...{ 'content-type': 'application/json', accept: 'application/json' },
      },
      body: '{}',
      signal: signal ? AbortSignal.any([limit, signal]) : limit,
    });
    const answer = await readAnswer(response);
    if (response.ok) return attribute(readCounted(answer));
    const code = String((answer as { code?: unknown } | undefined)?.code ?? '').slice(0, 20);
    if (code === 'PGRST202') return undefined;
    throw new Error(`The project has answered ${response.status}${code ? ` (${code})` : ''}.`);
  } finally {
    await connection.close();
  }
}

/** @returns what is no JSON as undefined */
async function readAnswer(response: Awaited<ReturnType<ProjectConnection['fetch']>>): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new Error('The project’s answer is too large.');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    return undefined;
  }
}

function readCounted(answer: unknown): Counted {
  const read = Counted.safeParse(answer);
  if (read.success) return read.data;
  throw new Error('The project’s storage_by_tenant has answered with something else.');
}

/** Each tenant's part of each table, by the bytes of its rows. */
function attribute({ database, tables, files }: Counted): MeasuredStorage {
  const tenants = new Map<string, bigint>();
  let attributed = 0n;
  for (const { bytes, rows } of tables) {
    const ids = Object.keys(rows).sort();
    if (ids.length === 0) continue;
    const size = BigInt(bytes);
    attributed += size;
    const parts = divide(
      size,
      ids.map((id) => BigInt(rows[id] ?? 0)),
    );
    for (const [index, part] of parts.entries()) {
      const id = ids[index] ?? '';
      tenants.set(id, (tenants.get(id) ?? 0n) + part);
    }
  }
  const all = BigInt(database);
  return {
    tenants,
    // Tables may grow while the database is measured.
    shared: all > attributed ? all - attributed : 0n,
    files: new Map(Object.entries(files).map(([tenant, bytes]) => [tenant, BigInt(bytes)])),
  };
}

async function countRows(client: pg.ClientBase): Promise<Counted> {
  const { rows: found } = await client.query<{ schema: string; name: string; pages: number; bytes: string }>(
    `select n.nspname "schema", c.relname "name", (pg_relation_size(c.oid) / current_setting('block_size')::int)::float8 pages,
       pg_total_relation_size(c.oid) bytes
     from tenancy.movable_tables() m join pg_class c on c.oid = m join pg_namespace n on n.oid = c.relnamespace order by 1, 2`,
  );
  const { rows: sizes } = await client.query<{ bytes: string }>(
    'select pg_database_size(current_database()) bytes',
  );
  const tables: Counted['tables'] = [];
  for (const { schema, name, pages, bytes } of found) {
    tables.push({ bytes, rows: await rowBytes(client, `${quote(schema)}.${quote(name)}`, pages) });
  }
  const { rows: files } = await client.query<{ tenant: string; bytes: string }>(
    'select tenant_id tenant, sum(size_bytes)::text bytes from public.attachments group by 1',
  );
  return { database: sizes[0]?.bytes ?? '0', tables, files: byTenant(files) };
}

/** Bytes of the rows of each tenant; of those in a sample of pages, for a large table. A sample that met no row: of all. */
async function rowBytes(
  client: pg.ClientBase,
  table: string,
  pages: number,
): Promise<Record<string, string>> {
  const read = async (sample: string) => {
    const { rows } = await client.query<{ tenant: string; bytes: string }>(
      `select tenant_id tenant, sum(pg_column_size(t.*))::text bytes from ${table} t ${sample} group by 1`,
    );
    return byTenant(rows);
  };
  if (pages <= MOST_PAGES) return read('');
  const sampled = await read(`tablesample system (${(100 * MOST_PAGES) / pages})`);
  return Object.keys(sampled).length > 0 ? sampled : read('');
}

function byTenant(rows: readonly { tenant: string; bytes: string }[]): Record<string, string> {
  return Object.fromEntries(rows.map(({ tenant, bytes }) => [tenant, bytes]));
}
