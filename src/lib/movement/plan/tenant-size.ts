import type pg from 'pg';
import { occupiedTables, type TenantTable } from '@/lib/tenant-data/rows';

/** Bytes are the tenant's share, by number of rows, of the tables, and with indexes of `stored`. */
export interface TenantSize {
  rows: number;
  bytes: number;
  stored: number;
}

/** Counts a tenant's rows. */
export async function countRows(
  client: pg.ClientBase,
  tables: readonly TenantTable[],
  tenantId: string,
): Promise<TenantSize> {
  const nothing: TenantSize = { rows: 0, bytes: 0, stored: 0 };
  const occupied = await occupiedTables(client, tables, tenantId);
  if (occupied.size === 0) return nothing;
  const counted = tables.filter(({ name }) => occupied.has(name));
  const each = counted.map(({ oid, name }) => {
    const total = `greatest((select reltuples from pg_class where oid = ${oid}), count(*), 1)::float8`;
    return `select count(*) as n, count(*) / ${total} as part, pg_table_size(${oid})::float8 as size,
      pg_total_relation_size(${oid})::float8 as stored from ${name} where tenant_id = $1`;
  });
  const { rows } = await client.query<TenantSize>(
    `select coalesce(sum(n), 0)::float8 as rows, coalesce(round(sum(size * part)), 0)::float8 as bytes,
       coalesce(round(sum(stored * part)), 0)::float8 as stored from (${each.join(' union all ')}) counted`,
    [tenantId],
  );
  return rows[0] ?? nothing;
}
