// Connections of the mover's login. All sessions print values in one canonical form (`pinSession`), so that the texts of both databases can
// be compared regardless of the servers' settings.
import type pg from 'pg';
import { connectionLost, MarqueeError } from '@/lib/failures';
import { pinSession } from '@/lib/tenant-data';
import { clientOf, endQuietly } from '@/lib/tenant-data/rows';
import { withDeadline } from '@/lib/time';
import { MovementError } from '../errors';

/** Time limit of connecting and signing in, and again of setting the session up, ms. */
const CONNECT_MS = 10_000;

export interface MoverConnectionOptions {
  /** URL of the mover's login. */
  url: string;
  /** The move's id, for the session's application_name. */
  moveId: string;
  /** Destroys the connection, so that its running statement is rejected at once. */
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
    await withDeadline(pinMover(client), CONNECT_MS, () => connectionLost('The server stopped answering.'));
    return client;
  } catch (error) {
    void endQuietly(client);
    throw error;
  }
}

/**
 * Pins the session's settings. `synchronous_commit` is on for two reasons. A position must be on disk here before it is acknowledged to the
 * other server. And a change stream carries only flushed WAL, so the marker of a fence must be flushed at once.
 *
 * @throws MovementError `move_not_possible` if sessions begin with triggers turned off
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
  return clientOf(url, {
    application_name: `marquee move ${moveId}`,
    connectionTimeoutMillis: CONNECT_MS,
    ...more,
  });
}

/** Waits up to three seconds for work that uses the connections, then ends them, and the work if it still runs. */
export async function endAfter(work: Promise<unknown> | undefined, clients: pg.Client[]): Promise<void> {
  const impatient = setTimeout(() => {
    for (const client of clients) client.connection.stream.destroy();
  }, 3_000);
  await work?.catch(() => {});
  clearTimeout(impatient);
  await Promise.all(clients.map(endQuietly));
}
