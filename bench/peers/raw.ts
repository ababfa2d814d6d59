import pg from 'pg';
import { type Peer, STATEMENT } from './peer';

/** The bound: prepared `pg` as commonly used, without tenants, as the owner of the table. */
export async function raw(url: string, connections: number): Promise<Peer> {
  return over(url, connections, 'raw', (pool, tenantId) =>
    pool.query({ name: 'accounts', text: STATEMENT, values: [tenantId] }),
  );
}

/** A statement whose rows are arrays of unparsed text: what a proxy would do, and what Marquee does. */
export const AS_TEXT = {
  rowMode: 'array',
  types: { getTypeParser: () => (value: unknown) => value },
} as Partial<pg.QueryConfig>;

/** The same, with rows as text. */
export async function rawText(url: string, connections: number): Promise<Peer> {
  return over(url, connections, 'raw_text', (pool, tenantId) =>
    pool.query({ name: 'accounts', text: STATEMENT, values: [tenantId], ...AS_TEXT }),
  );
}

function over(
  url: string,
  connections: number,
  name: string,
  query: (pool: pg.Pool, tenantId: string) => Promise<pg.QueryResult>,
): Peer {
  const pool = new pg.Pool({ connectionString: url, max: connections });
  pool.on('error', () => {});
  return {
    name,
    rows: async (tenantId) => (await query(pool, tenantId)).rows,
    close: () => pool.end(),
  };
}
