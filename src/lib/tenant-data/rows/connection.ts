// Connections and transactions that read and write whole tenants' rows, as moves and backups do.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { guardWire, PrimaryClient, WIDE } from '@/lib/postgres';
import { pause } from '@/lib/time';

/**
 * Begins a transaction that writes a tenant's rows unchanged: Marquee's triggers do nothing, also for rows that a foreign key
 * action changes, and foreign keys are checked at the end. A setting of the transaction, because a pooler may lose one of the session.
 */
export const BEGIN_COPYING =
  'begin isolation level read committed read write; set local tenancy.copying = on; set constraints all deferred';

/** A client of a data source's login that is not connected yet. Limits the size of what the server may send. */
export function clientOf(url: string, more: pg.ClientConfig): pg.Client {
  const client = new PrimaryClient({ connectionString: url, isTenantData: true, ...more });
  client.on('error', () => {});
  guardWire(client, WIDE);
  return client;
}

/** Ends a connection within two seconds, also one that is broken or busy. */
export async function endQuietly(client: pg.Client | undefined): Promise<void> {
  if (!client) return;
  const ended = client.end().catch(() => {});
  await Promise.race([ended, pause(2_000, { ref: false })]);
  client.connection.stream.destroy();
}

/** Runs `work` in a transaction. @param begin SQL that begins it, e.g. {@link BEGIN_COPYING} */
export async function inTransaction<T>(
  client: pg.ClientBase,
  begin: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    await client.query(begin);
    const result = await work();
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  }
}

/** One attempt waits so long for a lock. */
const LOCK_TIMEOUT_MS = 100;
/** Between attempts, growing. */
const LOCK_BACKOFF_MS = { first: 100, most: 2_000 };
/** After this the last error is thrown. */
const LOCK_LIMIT_MS = 60_000;

/**
 * Runs a statement that takes a strong lock on a table, in short attempts: while it waits for its lock, every later statement on the
 * table queues behind it.
 */
export async function withBriefLocks(client: pg.ClientBase, text: string, values: unknown[]): Promise<void> {
  const until = performance.now() + LOCK_LIMIT_MS;
  for (let pause = LOCK_BACKOFF_MS.first; ; pause = Math.min(pause * 1.5, LOCK_BACKOFF_MS.most)) {
    try {
      await inTransaction(client, `begin; set local lock_timeout = ${LOCK_TIMEOUT_MS}`, () =>
        client.query(text, values),
      );
      return;
    } catch (error) {
      const locked = error instanceof pg.DatabaseError && (error.code === '55P03' || error.code === '40P01');
      if (!locked || performance.now() > until) throw error;
      await sleep(pause);
    }
  }
}
