// The tenant's fence while a restore replaces its rows. It is held in the restore's name, as moves hold it in theirs.
import type pg from 'pg';
import { BEGIN_COPYING, inTransaction } from '@/lib/tenant-data/rows';
import { BackupError } from '../errors';

/** How long the tenant's running statements may take to end. */
const LOCK_TIMEOUT_MS = 60_000;

export const holderOf = (restoreId: string): string => `restore ${restoreId}#1`;

/**
 * Closes the fence where the tenant lives, after its running statements have ended.
 *
 * @param epoch of the tenant's route
 * @throws BackupError `backup_busy` where a move or another restore has it, or statements do not end
 */
export async function holdLiveFence(
  client: pg.ClientBase,
  tenantId: string,
  restoreId: string,
  epoch: string | bigint,
): Promise<void> {
  const holder = holderOf(restoreId);
  try {
    await inTransaction(client, `begin; set local lock_timeout = ${LOCK_TIMEOUT_MS}`, async () => {
      await client.query('select tenancy.claim_fence($1, $2, $3)', [tenantId, holder, String(epoch)]);
      await client.query('select tenancy.hold_fence($1, $2)', [tenantId, holder]);
    });
  } catch (error) {
    throw fenceTaken(error) ?? error;
  }
}

/** Reserves an id where the tenant does not live yet: there may be neither a fence nor a row under it. @throws BackupError `backup_not_possible` */
export async function reserveFence(
  client: pg.ClientBase,
  tenantId: string,
  restoreId: string,
): Promise<void> {
  try {
    await client.query('select tenancy.reserve_fence($1, $2)', [tenantId, holderOf(restoreId)]);
  } catch (error) {
    if ((error as { code?: string }).code !== 'MQ022') throw error;
    throw new BackupError('backup_not_possible', 'The database has rows or a fence under the tenant’s id.', {
      hint: 'Restore it into another database, or as a new tenant: --as SUBDOMAIN',
      cause: error,
    });
  }
}

/** A transaction that writes rows while the fence is held. It fails where another has taken the fence. */
export async function whileHeld<T>(
  client: pg.ClientBase,
  tenantId: string,
  restoreId: string,
  work: () => Promise<T>,
): Promise<T> {
  return inTransaction(client, BEGIN_COPYING, async () => {
    try {
      await client.query('select tenancy.assert_held($1, $2)', [tenantId, holderOf(restoreId)]);
    } catch (error) {
      throw fenceTaken(error) ?? error;
    }
    return work();
  });
}

/** Opens the fence at an epoch if it is still held for this restore. */
export async function releaseFence(
  client: pg.ClientBase,
  tenantId: string,
  restoreId: string,
  epoch: string | bigint,
): Promise<void> {
  await client.query('select tenancy.release_fence($1, $2, $3)', [
    tenantId,
    String(epoch),
    holderOf(restoreId),
  ]);
}

/** What the fence says about this restore: it holds it, it has opened it again, or it is another's. */
export async function fenceState(
  client: pg.ClientBase,
  tenantId: string,
  restoreId: string,
): Promise<'held' | 'opened' | 'not ours'> {
  const { rows } = await client.query<{ state: string; holder: string | null }>(
    'select state, holder from tenancy.fence where tenant_id = $1',
    [tenantId],
  );
  if (rows[0]?.holder !== holderOf(restoreId)) return 'not ours';
  return rows[0].state === 'closed' ? 'held' : 'opened';
}

function fenceTaken(error: unknown): BackupError | undefined {
  const { code } = error as { code?: string };
  if (code === '55P03') {
    return new BackupError('backup_busy', 'The tenant’s statements did not end within a minute.', {
      hint: 'Nothing was changed. Restore again when no long transaction runs.',
      cause: error,
    });
  }
  if (code !== 'MQ021' && code !== 'MQ022') return undefined;
  return new BackupError('backup_busy', 'A move or another restore holds the tenant’s fence.', {
    hint: 'End it first: marquee move status',
    cause: error,
  });
}
