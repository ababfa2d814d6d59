// Recovery of a cut-over that was interrupted, or whose change of a fence was lost: finds out where the route points, and opens exactly
// that fence.
import type { OpenEndpoint } from '../control/endpoints';
import type { Move } from '../control/move';
import type { MoveDependencies } from '../control/ports';
import { MovementError } from '../errors';
import { holderOf, holdFence, isFenceOpen, lacksOpening, openFence, releaseFence } from './fence';

/** An endpoint of an interrupted cut-over, which may be unreachable. */
export interface EndpointToOpen {
  dataSourceId: string;
  open(): Promise<OpenEndpoint>;
}

/**
 * Opens the fence of an endpoint again where the route points to it: a standby that was promoted may lack the last change of the fence.
 *
 * @returns whether the route points there
 */
export async function keepOpen(
  { move, dependencies }: { move: Move; dependencies: Pick<MoveDependencies, 'route'> },
  { dataSourceId, open }: EndpointToOpen,
): Promise<boolean> {
  const route = await dependencies.route(move.tenantId);
  if (route.dataSourceId !== dataSourceId) return false;
  const holder = holderOf(move);
  const { client, tenantId } = await open();
  if (await lacksOpening(client, tenantId, route.epoch, holder))
    await openFence(client, tenantId, route.epoch, holder);
  return true;
}

interface Recovered {
  move: Move;
  dependencies: Pick<MoveDependencies, 'route' | 'prepareRoute'>;
}

/** @returns whether the tenant is at `to` */
export async function recoverCutOver(
  options: Recovered & Record<'from' | 'to', EndpointToOpen>,
): Promise<boolean> {
  const { move, dependencies } = options;
  const holder = holderOf(move);
  /** Opens the fence of `to` if the route points there. */
  const arrived = async () => {
    const route = await dependencies.route(move.tenantId);
    if (route.dataSourceId !== options.to.dataSourceId) return false;
    const { client, tenantId } = await options.to.open();
    if (await isFenceOpen(client, tenantId, route.epoch)) return true;
    await openFence(client, tenantId, route.epoch, holder);
    return true;
  };
  if (await arrived()) return true;
  const before = await dependencies.route(move.tenantId);
  const from = await options.from.open();
  // The fence of `from` was never closed or is open again, and no route change can be on its way: there is nothing to recover.
  if (
    before.dataSourceId === from.dataSourceId &&
    move.decidingEpoch !== before.epoch &&
    (await isFenceOpen(from.client, from.tenantId, before.epoch))
  )
    return false;
  await holdFence(from.client, from.tenantId, holder, 60_000);
  await holdUnlessUnreachable(options.to, holder);
  const { dataSourceId, epoch } = await dependencies.route(move.tenantId);
  if (dataSourceId === from.dataSourceId) {
    const stays = await reopen({ move, dependencies, from }, epoch).then(
      () => true,
      (error: unknown) => {
        if (error instanceof MovementError && error.code === 'move_route_changed') return false;
        throw error;
      },
    );
    if (stays) return false;
  }
  // The route points to `to`, or to a third data source that was set outside of this move.
  return arrived();
}

/**
 * Opens the fence of `from` again, at an epoch that no route change of the move can follow.
 *
 * @throws MovementError `move_route_changed` when the route was changed in the meantime
 */
export async function reopen(
  {
    dependencies,
    move,
    from,
  }: Recovered & { from: Pick<OpenEndpoint, 'client' | 'dataSourceId' | 'tenantId'> },
  epoch: bigint,
): Promise<void> {
  const holder = holderOf(move);
  if (move.decidingEpoch !== epoch) {
    // No attempt has recorded a route change for this epoch, so none is on its way. A later attempt would hold the fence first.
    return releaseFence(from.client, from.tenantId, epoch, holder);
  }
  // A route change may have been made, or be on its way. Setting the route to `from` at the next epoch forestalls it, or fails.
  const changeRoute = await dependencies.prepareRoute(move.tenantId, {
    dataSourceId: from.dataSourceId,
    tenantIdInDataSource: from.tenantId,
  });
  if (!(await changeRoute(epoch, holder))) {
    throw new MovementError('move_route_changed', 'The route has been changed already.', {
      hint: 'The move recovers by itself.',
    });
  }
  await releaseFence(from.client, from.tenantId, epoch + 1n, holder);
}

/**
 * Holds the fence of `to`, if `to` can be reached: it may be lost for good. Without it the tenant can still go on at `from`, since the fence of
 * `to` is opened only after a route change, and a route change that is on its way is either seen in the route or forestalled by {@link reopen}.
 */
async function holdUnlessUnreachable({ open }: EndpointToOpen, holder: string): Promise<void> {
  try {
    const { client, tenantId } = await open();
    await holdFence(client, tenantId, holder, 60_000);
  } catch (error) {
    if (error instanceof MovementError && error.code === 'move_taken_over') throw error;
  }
}
