import { eq, getTableColumns, sql } from 'drizzle-orm';
import { drizzle as createDrizzle } from 'drizzle-orm/node-postgres';
import { bigint, integer, pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core';
import pg from 'pg';
import { claimsFor, type Peer } from './peer';

const accounts = pgTable('accounts', {
  tenant_id: uuid(),
  id: uuid(),
  name: text(),
  account_type: text(),
  email: text(),
  phone: text(),
  website: text(),
  industry: text(),
  status: text(),
  credit_limit: bigint({ mode: 'number' }),
  version: integer(),
  created_at: timestamp({ withTimezone: true }),
  updated_at: timestamp({ withTimezone: true }),
});
const { tenant_id, ...columns } = getTableColumns(accounts);

/** With row-level security as Drizzle's documentation has it: claims and role set inside a transaction. */
export async function drizzle(url: string, connections: number): Promise<Peer> {
  const claims = claimsFor(url);
  const pool = new pg.Pool({ connectionString: url, max: connections });
  const database = createDrizzle({ client: pool });
  return {
    name: 'drizzle',
    rows: (tenantId) =>
      database.transaction(async (transaction) => {
        await transaction.execute(sql`select set_config('request.jwt.claims', ${claims(tenantId)}, true)`);
        await transaction.execute(sql`set local role tenant_service`);
        return transaction
          .select(columns)
          .from(accounts)
          .where(eq(tenant_id, tenantId))
          .orderBy(accounts.name, accounts.id)
          .limit(20);
      }),
    close: () => pool.end(),
  };
}
