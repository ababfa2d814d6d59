// Opens connections to the primary or to a standby of a watched cluster.
import type pg from 'pg';
import { classify, connectionLost } from '@/lib/failures';
import { type PostgresHost, urlAt } from '../address/postgres-url';
import { PostgresError } from '../errors';
import { Cluster } from './cluster';
import { isSamePrimary, type Primary } from './judge';

/**
 * Opens a connection to the primary of a tenant data database's URL, or to the only host of the URL. When another server becomes the primary,
 * the connection is destroyed, and its statement fails like any whose connection was lost.
 *
 * @param timeoutMs time limit of finding a primary and opening the connection, ms
 * @param open called with the URL of one host to connect to; may be called again for another host
 * @throws PostgresError `primary_unknown`; what `open` throws, if waiting for another primary does not help
 */
export async function openAtPrimary<Client extends pg.Client>(
  url: string,
  timeoutMs: number,
  open: (url: string) => Promise<Client>,
): Promise<Client> {
  const cluster = Cluster.of(url, true);
  if (!cluster) return open(url);
  const until = performance.now() + timeoutMs;
  for (;;) {
    const primary = await cluster.find(until - performance.now());
    try {
      return await openAt(cluster, primary, () => open(urlAt(url, primary.host)));
    } catch (error) {
      if (!isWorthAnother(error) || performance.now() >= until) throw error;
      cluster.suspect(primary.host);
    }
  }
}

/**
 * Opens a connection to a standby. The connection, or the attempt to open it, ends when the standby no longer answers.
 *
 * @throws what `open` throws
 */
export async function openAtStandby<Client extends pg.Client>(
  cluster: Cluster,
  host: PostgresHost,
  open: () => Promise<Client>,
): Promise<Client> {
  const client = await whileStanding(cluster, () => cluster.isThere(host), open());
  cluster.tieToStandby(client, host);
  return client;
}

/** Opens a connection, and gives up when the primary is lost meanwhile, since a server that hangs would delay the attempt until its time limit. */
async function openAt<Client extends pg.Client>(
  cluster: Cluster,
  primary: Primary,
  open: () => Promise<Client>,
): Promise<Client> {
  const opening = (async () => {
    const opened = await open();
    await cluster.expectPrimary(opened, primary).catch((error: unknown) => {
      opened.connection.stream.destroy();
      throw error;
    });
    return opened;
  })();
  const client = await whileStanding(cluster, () => isSamePrimary(cluster.primary, primary), opening);
  cluster.tie(client, primary);
  return client;
}

async function whileStanding<Client extends pg.Client>(
  cluster: Cluster,
  stands: () => boolean,
  opening: Promise<Client>,
): Promise<Client> {
  const lost = Promise.withResolvers<never>();
  lost.promise.catch(() => {});
  const leave = cluster.onChange(() => {
    if (!stands()) lost.reject(connectionLost('The server was lost.'));
  });
  try {
    return await Promise.race([opening, lost.promise]);
  } catch (error) {
    opening.then((late) => late.connection.stream.destroy()).catch(() => {});
    throw error;
  } finally {
    leave();
  }
}

/** Whether another attempt may find a primary, because this server cannot be reached or is no longer the primary. */
function isWorthAnother(error: unknown): boolean {
  const causes = [error, error instanceof Error ? error.cause : undefined];
  return causes.some((one) => classify(one).session === 'gone' || isPrimaryUnknown(one));
}

export function isPrimaryUnknown(error: unknown): boolean {
  return error instanceof PostgresError && error.code === 'primary_unknown';
}
