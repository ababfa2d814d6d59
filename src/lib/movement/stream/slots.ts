// Replication slots. They are created with an exported snapshot for the copy, and dropped when the move ends.

import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { parseLsn } from '@/lib/postgres';
import { endQuietly } from '@/lib/tenant-data/rows';
import { moverClient, pinMover } from '../control/mover-connection';
import { MovementError } from '../errors';

export interface CreatedSlot {
  /** Name of the snapshot to read under. It is valid until `release`. */
  snapshot: string;
  /** The last position that belongs to the snapshot. It is before the consistent point, where the commit record that is streamed first may begin. */
  position: bigint;
  release(): Promise<void>;
}

/**
 * Creates a slot and exports its snapshot. The server first waits for all running transactions, of all tenants.
 *
 * @param options.signal ends the attempt at once
 * @throws MovementError `move_interrupted` if this takes longer than the limit
 */
export async function createSlot(
  options: { url: string; moveId: string; slot: string; signal?: AbortSignal },
  timeoutMs: number,
): Promise<CreatedSlot> {
  const client = moverClient(options, { replication: 'database' });
  let late = false;
  const giveUp = () => {
    late = true;
    client.connection.stream.destroy();
  };
  options.signal?.addEventListener('abort', giveUp, { once: true });
  const timer = setTimeout(giveUp, timeoutMs);
  try {
    await client.connect();
    await pinMover(client);
    const { rows } = await client.query(
      `CREATE_REPLICATION_SLOT ${pg.escapeIdentifier(options.slot)} LOGICAL pgoutput (SNAPSHOT 'export')`,
    );
    const [row] = rows as { snapshot_name: string; consistent_point: string }[];
    if (!row) throw new MovementError('move_stream_failed', 'The server created no slot.');
    return {
      snapshot: row.snapshot_name,
      position: parseLsn(row.consistent_point) - 1n,
      release: () => endQuietly(client),
    };
  } catch (error) {
    await endQuietly(client);
    throw late ? slotTooLate(error) : error;
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', giveUp);
  }
}

export function slotTooLate(cause: unknown): MovementError {
  return new MovementError(
    'move_interrupted',
    'No replication slot could be created in time: a transaction on that server runs too long.',
    { hint: 'End the long transaction (pg_stat_activity); the move retries by itself.', cause },
  );
}

/** Whether the server has the slot, and the WAL since its position. After a failover the new primary has no slot. */
export async function isKept({ client }: { client: pg.ClientBase }, slot: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `select from pg_replication_slots where slot_name = $1 and wal_status is distinct from 'lost'`,
    [slot],
  );
  return rowCount === 1;
}

/** Drops a slot, and ends the session that streams from it. Does nothing if the slot does not exist. */
export async function dropSlot(client: pg.ClientBase, slot: string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    const { rows } = await client.query<{ active_pid: number | null }>(
      'select active_pid from pg_replication_slots where slot_name = $1',
      [slot],
    );
    const [found] = rows;
    if (!found) return;
    if (found.active_pid !== null) await client.query('select pg_terminate_backend($1)', [found.active_pid]);
    try {
      await client.query('select pg_drop_replication_slot($1)', [slot]);
      return;
    } catch (error) {
      // 55006: the session that was just terminated still uses it.
      const inUse = error instanceof pg.DatabaseError && (error.code === '55006' || error.code === '42704');
      if (!inUse || attempt > 100) throw error;
      await sleep(50);
    }
  }
}
