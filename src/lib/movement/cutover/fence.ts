// Fences held in the name of a move's attempt. See "No two open homes" in README.md.
import type pg from 'pg';
import pgModule from 'pg';
import { BEGIN_COPYING, inTransaction } from '../control/mover-connection';
import { idTaken, MovementError } from '../errors';

/** Whoever holds a fence says so in its reason; statements that are refused show it. */
export function holderOf(move: { id: string; attempt: number }): string {
  return `move ${move.id}#${move.attempt}`;
}

/**
 * Reserves an id at the target: neither a fence nor a row may be there under it. A fence that is this move's is held again.
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

/** Whether the fence, open or held, is this move's: what stands under the id here is then what the move has written or left. */
export async function ownsFence(client: pg.ClientBase, tenantId: string, holder: string): Promise<boolean> {
  const { rows } = await client.query<{ owned: boolean }>(
    'select tenancy.same_owner(holder, $2) as owned from tenancy.fence where tenant_id = $1',
    [tenantId, holder],
  );
  return rows[0]?.owned ?? false;
}

/**
 * Closes the fence, which has to be this move's, after the tenant's running statements have ended.
 *
 * @param alsoSql runs in the same transaction, after it
 * @throws MovementError `move_pause_limit` when they do not end within `timeoutMs`; `move_id_taken` when it is another's
 * @returns the position after it, where the caller asks for it
 */
export async function holdFence(
  client: pg.ClientBase,
  tenantId: string,
  holder: string,
  timeoutMs: number,
  alsoSql = '',
): Promise<void> {
  try {
    await inTransaction(
      client,
      `begin; set local lock_timeout = ${Math.max(1, Math.round(timeoutMs))}`,
      async () => {
        await client.query(
          `select tenancy.hold_fence(${pgModule.escapeLiteral(tenantId)}, ${pgModule.escapeLiteral(holder)})${alsoSql}`,
        );
      },
    );
  } catch (error) {
    if (!(error instanceof pgModule.DatabaseError && error.code === '55P03')) throw notOurs(error) ?? error;
    throw new MovementError(
      'move_pause_limit',
      `The tenant's statements did not end within ${timeoutMs} ms.`,
      {
        hint: 'Nothing was changed. Cut over again when no long transaction runs.',
        cause: error,
      },
    );
  }
}

/** Whether `holdFence` failed because the tenant's statements did not end: it holds nothing then. */
export function isLockTimeout(error: unknown): boolean {
  return (
    error instanceof MovementError &&
    error.cause instanceof pgModule.DatabaseError &&
    error.cause.code === '55P03'
  );
}

/** What a transaction begins with that writes rows in the name of a holder; MQ021 when it holds the fence no more. */
export function beginHeld(tenantId: string, holder: string): string {
  const [tenant, name] = [tenantId, holder].map((text) => pgModule.escapeLiteral(text));
  return `${BEGIN_COPYING}; select tenancy.assert_held(${tenant}, ${name})`;
}

/** The database's word for it that another attempt works on the move, or that the id there belongs to another tenant. */
export function notOurs(error: unknown): MovementError | undefined {
  if (!(error instanceof pgModule.DatabaseError)) return undefined;
  if (error.code === 'MQ022') return idTaken(`is taken: ${error.message}`, error);
  if (error.code !== 'MQ021') return undefined;
  return new MovementError('move_taken_over', 'Another process works on this move.', { cause: error });
}

/** Opens the fence at an epoch. @throws MovementError `move_taken_over` when the holder does not hold it any more */
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
  const { rows: fences } = await client.query<{ state: string; epoch: string }>(
    'select state, epoch::text from tenancy.fence where tenant_id = $1',
    [tenantId],
  );
  // Opened by us before an answer got lost.
  if (fences[0]?.state === 'open' && BigInt(fences[0].epoch) === epoch) return;
  throw new MovementError('move_taken_over', 'Another process holds the fence of this tenant.');
}

/** Forgets a tenant that does not live there any more. */
export async function removeFence(client: pg.ClientBase, tenantId: string, holder: string): Promise<void> {
  await holdFence(client, tenantId, holder, 60_000);
  await client.query('select tenancy.remove_fence($1, $2)', [tenantId, holder]);
}
