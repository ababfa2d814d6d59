// Removes the objects that a move has created, and the rows that it leaves behind. Every removal can be repeated.
import { removeRows } from '../copy/remove-rows';
import { holderOf, holdFence, ownsFence, removeFence } from '../cutover/fence';
import { MovementError } from '../errors';
import { dropChangeLog } from '../stream/change-log';
import { dropPublication } from '../stream/publication';
import { dropSlot } from '../stream/slots';
import type { OpenEndpoint } from './endpoints';
import type { MoveHooks } from './hooks';
import type { Move, MoveObject, MoveObjectKind } from './move';
import type { MoveStore } from './move-store';
import { Pacer } from './pacer';
import type { MoveDependencies } from './ports';

/** Slots before rows, so that no stream replicates the removal; the fence last. */
const ORDER: MoveObjectKind[] = ['slot', 'publication', 'change_log', 'rows', 'progress', 'fence'];

/**
 * Instructions for the owner of a forgotten database that is available again: one line for each object that a move may have left there, in
 * the order in which they have to be removed.
 */
export function manualCleanUp(left: readonly MoveObject[]): string[] {
  return left.map(({ kind, name }) => {
    switch (kind) {
      case 'slot':
        return `a replication slot, which keeps WAL: select pg_drop_replication_slot('${name}')`;
      case 'publication':
        return `a publication: drop publication if exists ${name}`;
      case 'change_log':
        return `triggers ${name}, ${name}_d and ${name}_t on the tenants' tables`;
      case 'rows':
        return `rows whose tenant_id is ${name}`;
      case 'fence':
        return `a closed fence: delete from tenancy.fence where tenant_id = '${name}' and state = 'closed'`;
      default:
        return 'positions in tenancy.move_progress';
    }
  });
}

/** The parts of a run that cleaning up needs. */
export interface CleanUp {
  move: Move;
  store: MoveStore;
  hooks: MoveHooks;
  dependencies: Pick<MoveDependencies, 'tenantAt'>;
  endpoint(side: 'source' | 'target'): Promise<OpenEndpoint>;
}

/**
 * Removes the recorded objects that `only` accepts. If one endpoint cannot be reached, the other is still cleaned up; then the step fails,
 * unless the operator has declared the endpoint lost for good.
 *
 * @returns `left`: objects that may remain at an endpoint that is lost for good
 */
export async function cleanUp(
  run: CleanUp,
  only: (object: MoveObject) => boolean = () => true,
): Promise<{ rowsRemoved: number; left: MoveObject[] }> {
  const { move, store } = run;
  const { forget } = (await store.get(move.id)).options;
  const objects = (await store.objects.of(move.id)).filter(only);
  objects.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind));
  let rowsRemoved = 0;
  const left: MoveObject[] = [];
  const removed = new Set<MoveObject>();
  const failures: unknown[] = [];
  for (const [side, dataSourceId] of [
    ['source', move.fromSource],
    ['target', move.toSource],
  ] as const) {
    const there = objects.filter(({ dataSource }) => dataSource === dataSourceId);
    try {
      for (const object of there) {
        await run.hooks('clean_up');
        rowsRemoved += await removeObject(run, object, await run.endpoint(side));
        await store.objects.forget(move, object);
        removed.add(object);
      }
    } catch (error) {
      if (forget !== side || isTakenOver(error)) {
        failures.push(error);
        continue;
      }
      for (const object of there.filter((one) => !removed.has(one))) {
        left.push(object);
        await store.objects.forget(move, object);
      }
    }
  }
  if (failures.length > 0) throw failures[0];
  return { rowsRemoved, left };
}

function isTakenOver(error: unknown): boolean {
  return error instanceof MovementError && error.code === 'move_taken_over';
}

async function removeObject(run: CleanUp, object: MoveObject, endpoint: OpenEndpoint): Promise<number> {
  const { move, hooks } = run;
  const { client, tenantId } = endpoint;
  switch (object.kind) {
    case 'slot':
      await dropSlot(client, object.name);
      return 0;
    case 'publication':
      await dropPublication(client, object.name, Pacer.forBackground(move).flow());
      return 0;
    case 'change_log':
      await dropChangeLog(client, object.name, move.id);
      return 0;
    case 'progress':
      await client.query('delete from tenancy.move_progress where move_id = $1', [move.id]);
      return 0;
    case 'fence':
      await hooks('remove_fence');
      if (await mayRemove(run, endpoint)) await removeFence(client, tenantId, holderOf(move));
      return 0;
    default:
      await hooks('remove_rows');
      if (!(await mayRemove(run, endpoint))) return 0;
      await holdFence(client, tenantId, holderOf(move), 60_000);
      return await removeRows(client, tenantId, holderOf(move), Pacer.forBackground(move).flow());
  }
}

/**
 * Whether the fence under the id, and so the rows, belong to this move. Each transaction that removes rows checks this again.
 *
 * @throws MovementError `move_route_changed` when a tenant's route points there, whatever the fence says
 */
async function mayRemove(
  { move, dependencies }: CleanUp,
  { client, dataSourceId, name, tenantId }: OpenEndpoint,
): Promise<boolean> {
  if (!(await ownsFence(client, tenantId, holderOf(move)))) return false;
  if (!(await dependencies.tenantAt(dataSourceId, tenantId))) return true;
  throw new MovementError(
    'move_route_changed',
    `A tenant’s route points to what is to be removed from ${name}: nothing was removed.`,
    { hint: 'The route was changed outside of moves. Correct it, then resume the move.' },
  );
}
