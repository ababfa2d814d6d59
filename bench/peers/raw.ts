import pg from 'pg';
import { type Peer, STATEMENT } from './peer';

/** The bound: prepared `pg` without tenants, as the owner of the table. */
export async function raw(url: string, connections: number): Promise<Peer> {
  const pool = new pg.Pool({ connectionString: url, max: connections });
  return {
    name: 'raw',
    rows: async (tenantId) => {
      const { rows } = await pool.query({
        name: 'items',
        text: STATEMENT,
        values: [tenantId],
        rowMode: 'array',
      });
      return rows;
    },
    close: () => pool.end(),
  };
}
