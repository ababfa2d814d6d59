import type pg from 'pg';
import { inTransaction } from '../control/mover-connection';
import { beginHeld } from '../cutover/fence';
import { type MovedTable, occupiedTables, readTables, writeOrder } from '../plan/tables';

const BATCH_ROWS = 5_000;

/**
 * Removes a tenant's rows where its fence is held, children before parents, in batches that are committed separately.
 *
 * @param holder in whose name the fence is held
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
      // Rows that refer to each other go in one statement: emptying a reference first could violate a check.
      const deletes = group.map(
        ({ name }, place) => `d${place} as (delete from ${name} where tenant_id = $1 returning 1)`,
      );
      const counts = group.map((_, place) => `(select count(*) from d${place})`);
      await inTransaction(client, begin, async () => {
        const { rows } = await client.query<{ n: string }>(
          `with ${deletes.join(', ')} select ${counts.join(' + ')} as n`,
          [tenantId],
        );
        removed += Number(rows[0]?.n);
      });
      await pause();
    }
  }
  return removed;
}

async function removeInBatches(
  client: pg.Client,
  { name }: MovedTable,
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
