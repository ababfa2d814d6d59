// Removes what a move has made, and the rows it has left behind. Every removal may be repeated.
import type pg from 'pg';
import { dropSlot } from './change-stream';
import { connectMover, endQuietly, inTransaction, withBriefLocks } from './connection';
import { holderOf, removeFence } from './fence';
import type { MoveHooks } from './hooks';
import type { Move, MoveObject, MoveObjectKind, MoveStore } from './move-store';
import type { TenantHome } from './ports';
import { type MovedTable, readTables, writeOrder } from './tables';

const BATCH_ROWS = 5_000;

/** Streams end before the rows go, so that no stream carries the removal on; the fence goes last. */
const ORDER: MoveObjectKind[] = ['slot', 'publication', 'change_log', 'rows', 'progress', 'fence'];

/** Names of a move's objects in a database. A slot's name is the server's, and moves' ids are unique. */
export function objectName(moveId: string, direction: 'out' | 'back'): string {
  return `marquee_move_${moveId.replaceAll('-', '')}_${direction}`;
}

/** Removes the recorded objects, or those of some kinds. */
export async function cleanUp(
  {
    move,
    store,
    homes,
    hooks,
  }: { move: Move; store: MoveStore; homes: readonly TenantHome[]; hooks: MoveHooks },
  only: (object: MoveObject) => boolean = () => true,
): Promise<{ rowsRemoved: number }> {
  const objects = (await store.objects(move.id)).filter(only);
  objects.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
  let rowsRemoved = 0;
  for (const object of objects) {
    const home = homes.find(({ dataSourceId }) => dataSourceId === object.dataSource);
    if (!home) continue;
    await hooks('clean_up');
    rowsRemoved += await removeObject(move, object, home, hooks);
    await store.forgetObject(move, object);
  }
  return { rowsRemoved };
}

async function removeObject(
  move: Move,
  object: MoveObject,
  home: TenantHome,
  hooks: MoveHooks,
): Promise<number> {
  if (object.kind === 'slot') {
    await dropSlot({ url: home.url, moveId: move.id, slot: object.name });
    return 0;
  }
  const client = await connectMover({ url: home.url, moveId: move.id, copying: true });
  try {
    switch (object.kind) {
      case 'publication':
        await withBriefLocks(client, 'select tenancy.unpublish_tenant($1)', [object.name]);
        return 0;
      case 'change_log':
        await withBriefLocks(client, 'select tenancy.drop_change_log($1, $2)', [object.name, move.id]);
        return 0;
      case 'progress':
        await client.query('delete from tenancy.move_progress where move_id = $1', [move.id]);
        return 0;
      case 'fence':
        await hooks('remove_fence');
        await removeFence(client, home.tenantId, holderOf(move));
        return 0;
      default:
        await hooks('remove_rows');
        return await removeRows(client, home.tenantId);
    }
  } finally {
    await endQuietly(client);
  }
}

/** Removes a tenant's rows, children first, in batches that commit by themselves. */
export async function removeRows(client: pg.Client, tenantId: string): Promise<number> {
  let removed = 0;
  for (const group of writeOrder(await readTables(client)).reverse()) {
    const [table] = group;
    if (group.length === 1 && table && !table.references.includes(table.name)) {
      removed += await removeInBatches(client, table, tenantId);
    } else {
      // Rows that need each other go together.
      await inTransaction(client, 'begin; set constraints all deferred', async () => {
        for (const { name } of group) {
          removed +=
            (await client.query(`delete from ${name} where tenant_id = $1`, [tenantId])).rowCount ?? 0;
        }
      });
    }
  }
  return removed;
}

async function removeInBatches(client: pg.Client, { name }: MovedTable, tenantId: string): Promise<number> {
  let removed = 0;
  for (;;) {
    const { rowCount } = await client.query(
      `delete from ${name} where ctid = any (array(select ctid from ${name} where tenant_id = $1 limit ${BATCH_ROWS}))`,
      [tenantId],
    );
    removed += rowCount ?? 0;
    if ((rowCount ?? 0) < BATCH_ROWS) return removed;
  }
}
