import { eq, sql } from 'drizzle-orm';
import { drizzle as createDrizzle } from 'drizzle-orm/node-postgres';
import { pgTable, text, uuid } from 'drizzle-orm/pg-core';
import pg from 'pg';
import { claims, type Peer } from './peer';

const items = pgTable('bench_items', {
  tenantId: uuid('tenant_id'),
  id: uuid('id'),
  name: text('name'),
  email: text('email'),
  status: text('status'),
});

/** With row-level security as Drizzle's documentation has it: claims and role set inside a transaction. */
export async function drizzle(url: string, connections: number): Promise<Peer> {
  const pool = new pg.Pool({ connectionString: url, max: connections });
  const database = createDrizzle({ client: pool });
  return {
    name: 'drizzle',
    rows: (tenantId) =>
      database.transaction(async (transaction) => {
        await transaction.execute(sql`select set_config('request.jwt.claims', ${claims(tenantId)}, true)`);
        await transaction.execute(sql`set local role tenant_service`);
        return transaction
          .select({ id: items.id, name: items.name, email: items.email, status: items.status })
          .from(items)
          .where(eq(items.tenantId, tenantId))
          .orderBy(items.id)
          .limit(20);
      }),
    close: () => pool.end(),
  };
}
