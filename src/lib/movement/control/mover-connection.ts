// Connections of the mover's login. All sessions print values in one canonical form (`pinSession`), so that texts of both
// databases can be compared whatever the servers' settings are.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { guardWire, WIDE } from '@/lib/data-sources';
import { MarqueeError } from '@/lib/failures';
import { pinSession } from '@/lib/tenant-data';
import { pause } from '@/lib/time';
import { MovementError } from '../errors';

/**
 * Begins a transaction that writes a tenant's rows unchanged: Marquee's triggers do nothing, also for rows that a foreign key
 * action changes, and foreign keys are checked at the end. A setting of the transaction, because a pooler may lose one of the session.
 */
export const BEGIN_COPYING =
  'begin isolation level read committed read write; set local tenancy.copying = on; set constraints all deferred';

export interface MoverConnectionOptions {
  /** URL of the mover's login. */
  url: string;
  /** Named in the session's application_name. */
  moveId: string;
  /** Destroys the connection: its running statement is rejected at once. */
  signal?: AbortSignal | undefined;
}

/** Opens a connection of the mover. A broken connection rejects its statement and emits no unhandled error. */
export async function connectMover(options: MoverConnectionOptions): Promise<pg.Client> {
  const client = moverClient(options, { keepAlive: true });
  const destroy = () => client.connection.stream.destroy();
  options.signal?.addEventListener('abort', destroy, { once: true });
  client.once('end', () => options.signal?.removeEventListener('abort', destroy));
  try {
    options.signal?.throwIfAborted();
    await client.connect();
    await pinMover(client);
    return client;
  } catch (error) {
    client.end().catch(() => {});
    throw error;
  }
}

/**
 * Pins the session's settings. `synchronous_commit` is on because a position must be on disk here before it is acknowledged to the
 * other server, and because a change stream carries only WAL that was flushed, so the marker of a fence must be flushed at once.
 *
 * @throws MovementError `move_not_possible` where sessions begin with triggers turned off
 */
export async function pinMover(client: pg.ClientBase): Promise<void> {
  try {
    await pinSession(client, { own: { synchronous_commit: 'on' } });
  } catch (error) {
    if (!(error instanceof MarqueeError)) throw error;
    throw new MovementError('move_not_possible', error.message, { hint: error.hint, cause: error });
  }
}

/** A client of the mover's login that is not connected yet. Limits the size of what the server may send. */
export function moverClient(
  { url, moveId }: MoverConnectionOptions,
  more: pg.ClientConfig | { replication: 'database' },
): pg.Client {
  const client = new pg.Client({
    connectionString: url,
    application_name: `marquee move ${moveId}`,
    connectionTimeoutMillis: 10_000,
    ...more,
  });
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

/** Waits for work that uses the connections, then ends them; after three seconds ends them first, and the work with them. */
export async function endAfter(work: Promise<unknown> | undefined, clients: pg.Client[]): Promise<void> {
  const impatient = setTimeout(() => {
    for (const client of clients) client.connection.stream.destroy();
  }, 3_000);
  await work?.catch(() => {});
  clearTimeout(impatient);
  await Promise.all(clients.map(endQuietly));
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
