// Connections of the mover's login. All speak one canonical text, so that what one side says can be compared with what
// the other says, whatever the servers' settings (`pinSession`).

import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { guardWire, WIDE } from '@/lib/data-sources';
import { MarqueeError } from '@/lib/failures';
import { pinSession } from '@/lib/tenant-data';
import { pause } from '@/lib/time';
import { MovementError } from '../errors';

/**
 * What a transaction begins with that writes a tenant's rows as they were: triggers keep still, also for what a foreign key does
 * to other rows, and foreign keys wait for the end. It is said in the transaction, where no pooler can lose it.
 */
export const BEGIN_COPYING =
  'begin isolation level read committed read write; set local tenancy.copying = on; set constraints all deferred';

export interface MoverConnectionOptions {
  /** URL of the mover's login. */
  url: string;
  /** The move, for `pg_stat_activity`. */
  moveId: string;
  /** Destroys the connection when it is aborted: what it runs is rejected, however long the server would take. */
  signal?: AbortSignal | undefined;
}

/** Opens a connection of the mover. A connection that breaks rejects what it runs; it raises nothing by itself. */
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
 * What is acknowledged to the other side must be on disk here; and a stream carries only what is, so a fence's marker must
 * not wait for the next flush.
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

/** A client of the mover's login that is not connected yet. What a server sends is counted as it comes. */
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

/** Ends a connection, also one that is broken or busy. */
export async function endQuietly(client: pg.Client | undefined): Promise<void> {
  if (!client) return;
  const ended = client.end().catch(() => {});
  await Promise.race([ended, pause(2_000, { ref: false })]);
  client.connection.stream.destroy();
}

/** Waits for what uses the connections to come to its end; a network that swallows answers ends it with them. */
export async function endAfter(work: Promise<unknown> | undefined, clients: pg.Client[]): Promise<void> {
  const impatient = setTimeout(() => {
    for (const client of clients) client.connection.stream.destroy();
  }, 3_000);
  await work?.catch(() => {});
  clearTimeout(impatient);
  await Promise.all(clients.map(endQuietly));
}

/** Runs `work` between begin (with what else the transaction begins with) and commit; rolls back what fails. */
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

/** How long a strong lock is waited for at a time; between two attempts longer each time, up to the second; in all. */
const LOCK_PATIENCE_MS = 100;
const LOCK_PAUSE_MS = { first: 100, most: 2_000 };
const LOCK_LIMIT_MS = 60_000;

/**
 * Runs a statement that takes a strong lock on a table. A lock that is waited for holds up everybody behind it, so each
 * attempt waits only briefly.
 */
export async function withBriefLocks(client: pg.ClientBase, text: string, values: unknown[]): Promise<void> {
  const until = performance.now() + LOCK_LIMIT_MS;
  for (let pause = LOCK_PAUSE_MS.first; ; pause = Math.min(pause * 1.5, LOCK_PAUSE_MS.most)) {
    try {
      await inTransaction(client, `begin; set local lock_timeout = ${LOCK_PATIENCE_MS}`, () =>
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
