// Removes what a move has made, and the rows it has left behind. Every removal may be repeated.
import type pg from 'pg';
import type { OpenHome } from '../cutover/cut-over';
import { beginHeld, holderOf, holdFence, ownsFence, removeFence } from '../cutover/fence';
import { MovementError } from '../errors';
import { type MovedTable, occupiedTables, readTables, writeOrder } from '../plan/tables';
import { dropChangeLog } from '../stream/change-log';
import { dropSlot } from '../stream/change-stream';
import { dropPublication } from '../stream/publication';
import type { MoveHooks } from './hooks';
import type { Move, MoveObject, MoveObjectKind, MoveStore } from './move-store';
import { inTransaction } from './mover-connection';
import { Rest } from './pacer';
import type { MoveDependencies } from './ports';

const BATCH_ROWS = 5_000;

/** Streams end before the rows go, so that no stream carries the removal on; the fence goes last. */
const ORDER: MoveObjectKind[] = ['slot', 'publication', 'change_log', 'rows', 'progress', 'fence'];

/** Names of a move's objects in a database. A slot's name is the server's, and moves' ids are unique. */
export function objectName(moveId: string, direction: 'out' | 'back'): string {
  return `marquee_move_${moveId.replaceAll('-', '')}_${direction}`;
}

/**
 * What somebody does by hand, as the owner of the database, about what a move has left there, if that comes back: a line each,
 * in the order in which they have to be done.
 */
export function leftBehind(left: readonly MoveObject[]): string[] {
  return left.map(({ kind, name }) => {
    switch (kind) {
      case 'slot':
        return `a replication slot, which keeps WAL: select pg_drop_replication_slot('${name}')`;
      case 'publication':
        return `a publication: drop publication if exists ${name}`;
      case 'change_log':
        return `triggers ${name} and ${name}_d on the tenants' tables`;
      case 'rows':
        return `rows whose tenant_id is ${name}`;
      case 'fence':
        return `a closed fence: delete from tenancy.fence where tenant_id = '${name}' and state = 'closed'`;
      default:
        return 'positions in tenancy.move_progress';
    }
  });
}

/** What removing needs of a run. */
export interface CleanUp {
  move: Move;
  store: MoveStore;
  hooks: MoveHooks;
  dependencies: Pick<MoveDependencies, 'tenantAt'>;
  home(side: 'from' | 'to'): Promise<OpenHome>;
}

/**
 * Removes the recorded objects, or those of some kinds. A home out of reach does not keep the other from being cleaned, and nothing
 * where the operator has said that it is gone for good: what may be `left` there is told.
 */
export async function cleanUp(
  run: CleanUp,
  only: (object: MoveObject) => boolean = () => true,
): Promise<{ rowsRemoved: number; left: MoveObject[] }> {
  const { move, store } = run;
  const { forget } = (await store.get(move.id)).options;
  const objects = (await store.objects(move.id)).filter(only);
  objects.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
  let rowsRemoved = 0;
  const left: MoveObject[] = [];
  const removed = new Set<MoveObject>();
  const failures: unknown[] = [];
  for (const [side, source, role] of [
    ['from', move.fromSource, 'source'],
    ['to', move.toSource, 'target'],
  ] as const) {
    const there = objects.filter(({ dataSource }) => dataSource === source);
    try {
      for (const object of there) {
        await run.hooks('clean_up');
        rowsRemoved += await removeObject(run, object, await run.home(side));
        await store.forgetObject(move, object);
        removed.add(object);
      }
    } catch (error) {
      if (forget !== role || isTakenOver(error)) {
        failures.push(error);
        continue;
      }
      for (const object of there.filter((one) => !removed.has(one))) {
        left.push(object);
        await store.forgetObject(move, object);
      }
    }
  }
  if (failures.length > 0) throw failures[0];
  return { rowsRemoved, left };
}

function isTakenOver(error: unknown): boolean {
  return error instanceof MovementError && error.code === 'move_taken_over';
}

async function removeObject(run: CleanUp, object: MoveObject, home: OpenHome): Promise<number> {
  const { move, hooks } = run;
  const { client, tenantId } = home;
  switch (object.kind) {
    case 'slot':
      await dropSlot(client, object.name);
      return 0;
    case 'publication':
      await dropPublication(client, object.name, new Rest(move));
      return 0;
    case 'change_log':
      await dropChangeLog(client, object.name, move.id);
      return 0;
    case 'progress':
      await client.query('delete from tenancy.move_progress where move_id = $1', [move.id]);
      return 0;
    case 'fence':
      await hooks('remove_fence');
      if (await mayRemove(run, home)) await removeFence(client, tenantId, holderOf(move));
      return 0;
    default:
      await hooks('remove_rows');
      if (!(await mayRemove(run, home))) return 0;
      await holdFence(client, tenantId, holderOf(move), 60_000);
      return await removeRows(client, tenantId, holderOf(move), new Rest(move));
  }
}

/**
 * Rows and fence under an id are the move's to remove only while the fence is its own; another's stays as it is. That the fence is
 * still ours is asserted again in each transaction that removes.
 *
 * @throws MovementError `move_route_changed` when a tenant's route points there, whatever the fence says
 */
async function mayRemove(
  { move, dependencies }: CleanUp,
  { client, dataSourceId, name, tenantId }: OpenHome,
): Promise<boolean> {
  if (!(await ownsFence(client, tenantId, holderOf(move)))) return false;
  if (!(await dependencies.tenantAt(dataSourceId, tenantId))) return true;
  throw new MovementError(
    'move_route_changed',
    `A tenant’s route points to what is to be removed from ${name}: nothing was removed.`,
    { hint: 'Someone placed a tenant there by hand. Correct its route, then resume the move.' },
  );
}

/** Removes a tenant's rows from a home whose fence is held, children first, in batches that commit by themselves. */
export async function removeRows(
  client: pg.Client,
  tenantId: string,
  holder: string,
  rest?: Rest,
): Promise<number> {
  const held = beginHeld(tenantId, holder);
  let removed = 0;
  const tables = await readTables(client);
  const occupied = await occupiedTables(client, tables, tenantId, rest && (() => rest.take()));
  for (const group of writeOrder(tables).reverse()) {
    if (!group.some(({ name }) => occupied.has(name))) continue;
    const [table] = group;
    if (group.length === 1 && table && !table.references.includes(table.name)) {
      removed += await removeInBatches(client, table, tenantId, held, rest);
    } else {
      // Rows that need each other go in one statement: a reference that was emptied meanwhile could break a check.
      const deletes = group.map(
        ({ name }, place) => `d${place} as (delete from ${name} where tenant_id = $1 returning 1)`,
      );
      const counts = group.map((_, place) => `(select count(*) from d${place})`);
      await inTransaction(client, held, async () => {
        const { rows } = await client.query<{ n: string }>(
          `with ${deletes.join(', ')} select ${counts.join(' + ')} as n`,
          [tenantId],
        );
        removed += Number(rows[0]?.n);
      });
      await rest?.take();
    }
  }
  return removed;
}

async function removeInBatches(
  client: pg.Client,
  { name }: MovedTable,
  tenantId: string,
  held: string,
  rest: Rest | undefined,
): Promise<number> {
  let removed = 0;
  for (;;) {
    const { rowCount } = await inTransaction(client, held, () =>
      client.query(
        `delete from ${name} where ctid = any (array(select ctid from ${name} where tenant_id = $1 limit ${BATCH_ROWS}))`,
        [tenantId],
      ),
    );
    removed += rowCount ?? 0;
    await rest?.take();
    if ((rowCount ?? 0) < BATCH_ROWS) return removed;
  }
}
