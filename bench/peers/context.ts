import pg from 'pg';
import { runPipeline } from '@/lib/postgres';
import { claimsFor, type Peer, STATEMENT } from './peer';

/**
 * The bound of a tenant's statement: the same two statements in one flush (tenancy.enter, then the rows with the mark that claims are kept),
 * on a connection of its own, with no route, admission, deadline or record of use.
 */
export async function context(url: string, connections: number, text: string = STATEMENT): Promise<Peer> {
  const claims = claimsFor(url);
  const clients = await Promise.all(
    Array.from({ length: connections }, async () => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      return client;
    }),
  );
  const free = [...clients];
  return {
    name: 'context',
    rows: async (tenantId) => {
      const client = free.pop();
      if (!client) throw new Error('More callers than connections.');
      try {
        const values = [tenantId, '1', 'tenant_service', claims(tenantId), true];
        return await runPipeline(client, [
          { name: 'enter', text: 'select tenancy.enter($1, $2, $3, $4, $5)', values },
          { name: 'accounts', text: `/* marquee */ ${text}`, values: [tenantId] },
        ]);
      } finally {
        free.push(client);
      }
    },
    close: async () => void (await Promise.all(clients.map((client) => client.end()))),
  };
}
