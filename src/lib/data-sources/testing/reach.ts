// The way to a server, step by step, before signing in: names, addresses, ports.
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { isIP } from 'node:net';
import { type AllowedNetworks, CheckedSocket, isPrivate } from '@/lib/network';
import { nameOfHost, networksOf, type PostgresHost, type PostgresUrl } from '@/lib/postgres';
import { connectionError } from '../connection-errors';
import { type ConnectionCheck, type ConnectionTestOptions, failed, passed } from './check';

/**
 * Looks every host up and connects to it. All of them have to be allowed; one has to answer.
 *
 * @returns their addresses
 */
export async function reach(
  url: PostgresUrl,
  { timeoutMs, forCompany }: Required<Pick<ConnectionTestOptions, 'timeoutMs' | 'forCompany'>>,
  note: (check: ConnectionCheck) => unknown,
): Promise<string[]> {
  const networks = networksOf(url);
  const found = await Promise.all(url.hosts.map((host) => resolve(host, networks, forCompany)));
  for (const { check } of found) note(check);
  if (found.some(({ check }) => check.outcome === 'failed')) return [];
  const connected = await Promise.all(url.hosts.map((host) => connectTo(host, networks, timeoutMs)));
  const reached = connected.filter(({ outcome }) => outcome === 'passed');
  // Which of several hosts may be away is decided by the connection itself.
  for (const check of reached.length > 0 ? reached : connected) note(check);
  return found.flatMap(({ addresses }) => addresses);
}

/** The same where a name leads into a private network and where there is none of it. */
export function notOnInternet(host: string): ConnectionCheck {
  return failed('resolve', 'data_source_address_refused', 'not_on_internet', 'not_on_internet', { host });
}

async function resolve(
  { host, hostaddr }: PostgresHost,
  networks: AllowedNetworks | undefined,
  forCompany: boolean,
): Promise<{ check: ConnectionCheck; addresses: string[] }> {
  const target = hostaddr ?? host;
  const isLiteral = target.startsWith('/') || isIP(target) !== 0;
  const addresses = isLiteral
    ? [target]
    : await lookup(target, { all: true }).then(
        (all) => all.map(({ address }) => address),
        () => [],
      );
  const toCheck = (address: string) => (address.startsWith('/') ? '127.0.0.1' : address);
  const refused = networks && addresses.find((address) => !networks.allows(toCheck(address)));
  if (forCompany && (addresses.length === 0 || refused)) return { check: notOnInternet(host), addresses };
  if (addresses.length === 0) {
    const check = failed('resolve', 'data_source_unreachable', 'no_address', 'no_address', { host: target });
    return { check, addresses };
  }
  if (refused) {
    const network = `${refused}/${refused.includes(':') ? 128 : 32}`;
    const check = failed('resolve', 'data_source_address_refused', 'address_refused', 'address_refused', {
      ...{ host, address: refused, network },
    });
    return { check, addresses };
  }
  const isInside = addresses.some((address) => isPrivate(toCheck(address)));
  const check = passed('resolve', isInside ? 'private_addresses' : 'addresses', {
    ...{ host, addresses: addresses.join(', ') },
  });
  return { check, addresses };
}

async function connectTo(
  host: PostgresHost,
  rule: AllowedNetworks | undefined,
  timeoutMs: number,
): Promise<ConnectionCheck> {
  const name = nameOfHost(host);
  if (host.host.startsWith('/')) return passed('connect', 'socket', { host: name });
  const socket = new CheckedSocket({ rule, hostaddr: () => host.hostaddr });
  socket.on('error', () => {});
  const started = performance.now();
  try {
    socket.connect(host.port, host.host);
    await once(socket, 'connect', { signal: AbortSignal.timeout(timeoutMs) });
    const ms = (performance.now() - started).toFixed(1);
    return passed('connect', 'takes_connections', { host: name, ms });
  } catch (error) {
    const isLate = error instanceof Error && error.name === 'AbortError';
    return failed(
      'connect',
      isLate ? 'data_source_timeout' : (connectionError(name, error)?.code ?? 'data_source_unreachable'),
      isLate ? 'no_connections_in_time' : 'no_connections',
      'no_connections',
      { host: name, ms: timeoutMs },
    );
  } finally {
    // Closed in order: a reset would look like an attack to the server.
    socket.resume().end();
    socket.unref();
  }
}
