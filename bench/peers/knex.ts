import createKnex from 'knex';
import { COLUMNS, claimsFor, type Peer } from './peer';

export async function knex(url: string, connections: number): Promise<Peer> {
  const claims = claimsFor(url);
  const database = createKnex({ client: 'pg', connection: url, pool: { min: 0, max: connections } });
  return {
    name: 'knex',
    rows: (tenantId) =>
      database.transaction(async (transaction) => {
        await transaction.raw('set local role tenant_service');
        await transaction.raw("select set_config('request.jwt.claims', ?, true)", [claims(tenantId)]);
        return transaction('accounts')
          .select(...COLUMNS)
          .where('tenant_id', tenantId)
          .orderBy(['name', 'id'])
          .limit(20);
      }),
    close: () => database.destroy(),
  };
}
