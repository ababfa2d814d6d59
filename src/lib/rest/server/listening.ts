// A server at its place: an address with a port, or a Unix socket.
import { chmod, unlink } from 'node:fs/promises';
import type { Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { StartError } from '@/lib/failures';

/** `reusePort`: other processes may listen on the same port too. */
export type Place = { host: string; port: number; reusePort?: boolean } | { path: string; mode: number };

export interface ListeningServer {
  /** 0 at a Unix socket. */
  readonly port: number;
  /** `127.0.0.1:3000`, `[::1]:3000` or the path of a Unix socket. */
  readonly address: string;
  /** Whether it takes connections. */
  reachable(): Promise<boolean>;
  /** Accepts no new requests and waits for those in progress. */
  close(): Promise<void>;
}

const CLOSE_IDLE_MS = 50;

/** @throws StartError `port_in_use`, `listen_failed` */
export async function listening(server: Server, place: Place): Promise<ListeningServer> {
  const inUse = (error: unknown) => (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
  try {
    await bind(server, place).catch(async (error: unknown) => {
      // A process that was killed leaves its socket behind.
      if (!('path' in place) || !inUse(error) || (await reachable(place.path))) throw error;
      await unlink(place.path);
      await bind(server, place);
    });
    if ('path' in place) await chmod(place.path, place.mode);
  } catch (cause) {
    server.close();
    const where = 'path' in place ? place.path : `port ${place.port} of ${place.host}`;
    const { code } = cause as NodeJS.ErrnoException;
    throw new StartError(
      inUse(cause) ? 'port_in_use' : 'listen_failed',
      `Cannot listen on ${where}: ${code}.`,
      {
        hint: 'Choose another PGRST_SERVER_PORT, PGRST_SERVER_HOST or PGRST_SERVER_UNIX_SOCKET.',
        cause,
      },
    );
  }
  const bound = server.address() as AddressInfo | string;
  return {
    port: typeof bound === 'string' ? 0 : bound.port,
    address: typeof bound === 'string' ? bound : hostAndPort(bound),
    reachable: () => reachable(bound),
    close: () =>
      new Promise((closed) => {
        // A connection whose request was under way becomes idle only later.
        const closeIdle = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_MS);
        server.close(() => {
          clearInterval(closeIdle);
          closed();
        });
        server.closeIdleConnections();
      }),
  };
}

function bind(server: Server, place: Place): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen('path' in place ? place : { ...place, ...addressOf(place.host) }, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}

function reachable(bound: AddressInfo | string): Promise<boolean> {
  return new Promise((resolve) => {
    // A wildcard address is reached at loopback.
    const socket = typeof bound === 'string' ? connect(bound) : connect(bound.port, bound.address);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

function hostAndPort({ address, family, port }: AddressInfo): string {
  return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`;
}

/** PostgREST's names for "any address": `*`, `*6` (both families), `*4`, `!4` (IPv4 only), `!6` (IPv6 only). */
function addressOf(host: string): { host: string; ipv6Only?: boolean } {
  if (host === '*' || host === '*6') return { host: '::' };
  if (host === '!6') return { host: '::', ipv6Only: true };
  return { host: host === '*4' || host === '!4' ? '0.0.0.0' : host };
}
