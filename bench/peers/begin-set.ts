import pg from 'pg';
import { claimsFor, type Peer, STATEMENT } from './peer';
import { AS_TEXT } from './raw';

/** What most write by hand: BEGIN, SET LOCAL ROLE, set_config, query, COMMIT, each a round trip; both statements prepared. */
export function beginSet(url: string, connections: number): Promise<Peer> {
  return over(url, connections, 'begin_set', { name: 'accounts' });
}

/** The same, with rows as arrays of unparsed text, which is what Marquee answers with. */
export function beginSetText(url: string, connections: number): Promise<Peer> {
  return over(url, connections, 'begin_set_text', { name: 'accounts', ...AS_TEXT });
}

/** The same without prepared statements: behind a pooler, or in an application that prepares none. */
export function beginSetUnprepared(url: string, connections: number): Promise<Peer> {
  return over(url, connections, 'begin_set_unprepared', {});
}

async function over(
  url: string,
  connections: number,
  name: string,
  config: Partial<pg.QueryConfig>,
): Promise<Peer> {
  const claims = claimsFor(url);
  const pool = new pg.Pool({ connectionString: url, max: connections });
  return {
    name,
    rows: async (tenantId) => {
      const client = await pool.connect();
      try {
        await client.query('begin');
        await client.query('set local role tenant_service');
        await client.query({
          ...(config.name && { name: 'claims' }),
          text: "select set_config('request.jwt.claims', $1, true)",
          values: [claims(tenantId)],
        });
        const { rows } = await client.query({ ...config, text: STATEMENT, values: [tenantId] });
        await client.query('commit');
        return rows;
      } finally {
        client.release();
      }
    },
    close: () => pool.end(),
  };
}
