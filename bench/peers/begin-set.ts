import pg from 'pg';
import { claimsFor, type Peer, STATEMENT } from './peer';

/** What most write by hand: BEGIN, SET LOCAL ROLE, set_config, query, COMMIT, each a round trip. */
export async function beginSet(url: string, connections: number): Promise<Peer> {
  const claims = claimsFor(url);
  const pool = new pg.Pool({ connectionString: url, max: connections });
  return {
    name: 'begin_set',
    rows: async (tenantId) => {
      const client = await pool.connect();
      try {
        await client.query('begin');
        await client.query('set local role tenant_service');
        await client.query({
          name: 'claims',
          text: "select set_config('request.jwt.claims', $1, true)",
          values: [claims(tenantId)],
        });
        const { rows } = await client.query({
          name: 'accounts',
          text: STATEMENT,
          values: [tenantId],
        });
        await client.query('commit');
        return rows;
      } finally {
        client.release();
      }
    },
    close: () => pool.end(),
  };
}
