// Fences that are held in the name of an attempt of a move. See "One open fence" in README.md.

import pg from 'pg';
import { BEGIN_COPYING, inTransaction } from '@/lib/tenant-data/rows';
import { idTaken, MovementError } from '../errors';

/** How an attempt of a move names itself as the holder of a fence; refused statements report it. */
export function holderOf(move: { id: string; attempt: number }): string {
  return `move ${move.id}#${move.attempt}`;
}

/**
 * Reserves an id at the target, where there may be neither a fence nor a row under it. Holds a fence that is this move's already.
 *
 * @throws MovementError `move_id_taken`, `move_taken_over`
 */
export async function reserveFence(client: pg.ClientBase, tenantId: string, holder: string): Promise<void> {
  try {
    await client.query('select tenancy.reserve_fence($1, $2)', [tenantId, holder]);
  } catch (error) {
    throw notOurs(error) ?? error;
  }
}

/** Whether the fence, open or held, is this move's. If so, the rows under the id are the move's too. */
export async function ownsFence(client: pg.ClientBase, tenantId: string, holder: string): Promise<boolean> {
  const { rows } = await client.query<{ owned: boolean }>(
    'select tenancy.same_owner(holder, $2) as owned from tenancy.fence where tenant_id = $1',
    [tenantId, holder],
  );
  return rows[0]?.owned ?? false;
}

/**
 * Closes the move's fence, after the tenant's running statements have ended.
 *
 * @param timeoutMs how long they may take
 * @param alsoInside runs in the same transaction, after the fence was closed
 * @throws MovementError `move_pause_limit` when they take longer; `move_id_taken` when the fence is another move's or tenant's;
 *   `move_taken_over` when a later attempt holds it
 */
export async function holdFence(
  client: pg.ClientBase,
  tenantId: string,
  holder: string,
  timeoutMs: number,
  alsoInside?: () => Promise<void>,
): Promise<void> {
  // In one round trip, because the tenant may wait.
  const begin = `begin; set local lock_timeout = ${Math.max(1, Math.round(timeoutMs))};
    select tenancy.hold_fence(${pg.escapeLiteral(tenantId)}, ${pg.escapeLiteral(holder)})`;
  try {
    await inTransaction(client, begin, async () => alsoInside?.());
  } catch (error) {
    if (!(error instanceof pg.DatabaseError && error.code === '55P03')) throw notOurs(error) ?? error;
    throw new MovementError(
      'move_pause_limit',
      `The tenant's statements did not end within ${timeoutMs} ms.`,
      { hint: 'Nothing was changed. Cut over again when no long transaction runs.', cause: error },
    );
  }
}

/** Whether `holdFence` failed because the tenant's statements did not end, so that the fence is still open. */
export function isLockTimeout(error: unknown): boolean {
  return (
    error instanceof MovementError && error.cause instanceof pg.DatabaseError && error.cause.code === '55P03'
  );
}

/** SQL that begins a transaction which writes rows in a holder's name. It fails with MQ021 when the holder no longer holds the fence. */
export function beginHeld(tenantId: string, holder: string): string {
  const [tenant, name] = [tenantId, holder].map((text) => pg.escapeLiteral(text));
  return `${BEGIN_COPYING}; select tenancy.assert_held(${tenant}, ${name})`;
}

/** Translates the database's refusals: MQ021, a later attempt runs the move; MQ022, the id belongs to another tenant. Undefined for other errors. */
export function notOurs(error: unknown): MovementError | undefined {
  if (!(error instanceof pg.DatabaseError)) return undefined;
  if (error.code === 'MQ022') return idTaken(`The tenant’s id is taken: ${error.message}.`, error);
  if (error.code !== 'MQ021') return undefined;
  return new MovementError('move_taken_over', 'Another process runs this move.', { cause: error });
}

/** Opens the fence at an epoch. @throws MovementError `move_taken_over` when the holder no longer holds it */
export async function releaseFence(
  client: pg.ClientBase,
  tenantId: string,
  epoch: bigint,
  holder: string,
): Promise<void> {
  const { rows } = await client.query<{ released: boolean }>(
    'select tenancy.release_fence($1, $2, $3) as released',
    [tenantId, String(epoch), holder],
  );
  if (rows[0]?.released) return;
  // An earlier call may have opened it, and its answer may have been lost.
  if (await isFenceOpen(client, tenantId, epoch)) return;
  throw new MovementError('move_taken_over', 'Another process holds the fence of this tenant.');
}

/** Whether the fence is open at exactly this epoch. */
export async function isFenceOpen(client: pg.ClientBase, tenantId: string, epoch: bigint): Promise<boolean> {
  const { rows } = await client.query<{ open: boolean }>(
    `select state = 'open' and epoch = $2 as open from tenancy.fence where tenant_id = $1`,
    [tenantId, String(epoch)],
  );
  return rows[0]?.open ?? false;
}

/** Opens the move's fence at an epoch, whatever it is now. @throws as `holdFence` and `releaseFence` */
export async function openFence(
  client: pg.ClientBase,
  tenantId: string,
  epoch: bigint,
  holder: string,
): Promise<void> {
  await holdFence(client, tenantId, holder, 60_000);
  await releaseFence(client, tenantId, epoch, holder);
}

/**
 * Whether the move's fence is not open at an epoch at which it should be: the move still holds it, or it is open at an earlier epoch. So it is at
 * a standby that was promoted before it had the last change of the fence.
 */
export async function lacksOpening(
  client: pg.ClientBase,
  tenantId: string,
  epoch: bigint,
  holder: string,
): Promise<boolean> {
  const { rows } = await client.query<{ lacks: boolean }>(
    `select tenancy.same_owner(holder, $3) and case state when 'open' then epoch < $2 else epoch <= $2 and tenancy.same_owner(reason, $3) end as lacks
     from tenancy.fence where tenant_id = $1`,
    [tenantId, String(epoch), holder],
  );
  return rows[0]?.lacks ?? false;
}

/** Removes the fence of a tenant that is not in this database any more. */
export async function removeFence(client: pg.ClientBase, tenantId: string, holder: string): Promise<void> {
  await holdFence(client, tenantId, holder, 60_000);
  await client.query('select tenancy.remove_fence($1, $2)', [tenantId, holder]);
}
