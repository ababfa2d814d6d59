import type pg from 'pg';
import {
  deleteGroup,
  inTransaction,
  occupiedTables,
  readTables,
  type TenantTable,
  writeOrder,
} from '@/lib/tenant-data/rows';
import { beginHeld } from '../cutover/fence';

const BATCH_ROWS = 5_000;

/**
 * Removes a tenant's rows from a database in which its fence is held. Referencing rows are removed before referenced ones, in batches that
 * are committed separately.
 *
 * @param holder the holder of the fence
 * @param pause called between batches
 * @returns the number of rows removed
 */
export async function removeRows(
  client: pg.Client,
  tenantId: string,
  holder: string,
  pause: () => Promise<void> = async () => {},
): Promise<number> {
  const begin = beginHeld(tenantId, holder);
  let removed = 0;
  const tables = await readTables(client);
  const occupied = await occupiedTables(client, tables, tenantId, pause);
  for (const group of writeOrder(tables).reverse()) {
    if (!group.some(({ name }) => occupied.has(name))) continue;
    const [table] = group;
    if (group.length === 1 && table && !table.references.includes(table.name)) {
      removed += await removeInBatches(client, table, tenantId, begin, pause);
    } else {
      removed += await inTransaction(client, begin, () => deleteGroup(client, group, tenantId));
      await pause();
    }
  }
  return removed;
}

async function removeInBatches(
  client: pg.Client,
  { name }: TenantTable,
  tenantId: string,
  begin: string,
  pause: () => Promise<void>,
): Promise<number> {
  let removed = 0;
  for (;;) {
    const { rowCount } = await inTransaction(client, begin, () =>
      client.query(
        `delete from ${name} where ctid = any (array(select ctid from ${name} where tenant_id = $1 limit ${BATCH_ROWS}))`,
        [tenantId],
      ),
    );
    removed += rowCount ?? 0;
    await pause();
    if ((rowCount ?? 0) < BATCH_ROWS) return removed;
  }
}
