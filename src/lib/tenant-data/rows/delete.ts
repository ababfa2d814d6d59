import type pg from 'pg';
import { type TenantTable, writeOrder } from './tables';

/** Removes all rows of a tenant, in an order in which no reference is left behind. @returns how many */
export async function deleteRows(
  client: pg.ClientBase,
  tables: readonly TenantTable[],
  tenantId: string,
): Promise<number> {
  let removed = 0;
  for (const group of writeOrder(tables).reverse()) removed += await deleteGroup(client, group, tenantId);
  return removed;
}

/**
 * Removes a tenant's rows of tables that refer to each other. They go in one statement, because emptying a reference first could
 * violate a check.
 */
export async function deleteGroup(
  client: pg.ClientBase,
  group: readonly TenantTable[],
  tenantId: string,
): Promise<number> {
  const deletes = group.map(
    ({ name }, place) => `d${place} as (delete from ${name} where tenant_id = $1 returning 1)`,
  );
  const counts = group.map((_, place) => `(select count(*) from d${place})`);
  const { rows } = await client.query<{ n: string }>(
    `with ${deletes.join(', ')} select ${counts.join(' + ')} as n`,
    [tenantId],
  );
  return Number(rows[0]?.n);
}
