// Connections of the mover's login. All sessions print values in one canonical form (`pinSession`), so that texts of both
// databases can be compared whatever the servers' settings are.
import type pg from 'pg';
import { connectionLost, MarqueeError } from '@/lib/failures';
import { pinSession } from '@/lib/tenant-data';
import { clientOf, endQuietly } from '@/lib/tenant-data/rows';
import { withDeadline } from '@/lib/time';
import { MovementError } from '../errors';

/** To connect and sign in, and again to set the session up. */
const CONNECT_MS = 10_000;

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
    await withDeadline(pinMover(client), CONNECT_MS, () => connectionLost('The server stopped answering.'));
    return client;
  } catch (error) {
    void endQuietly(client);
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
  return clientOf(url, {
    application_name: `marquee move ${moveId}`,
    connectionTimeoutMillis: CONNECT_MS,
    ...more,
  });
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
