// Where a request comes from. Forwarding headers are used only if a trusted proxy set them.
import type { IncomingMessage } from 'node:http';
import proxyaddr from 'proxy-addr';
import { StartError } from '@/lib/failures';

/** Where a request came from and how its client addressed this server. */
export interface Peer {
  /** The client's IP address. */
  address: string;
  /** Whether the client's connection is encrypted, to the first proxy or to us. */
  secure: boolean;
  /** The host the client asked for; undefined where the request's own Host is it. */
  host: string | undefined;
}

export type ReadPeer = (request: IncomingMessage) => Peer;

/** Which headers a trusted proxy writes: `X-Forwarded-For`, `-Proto` and `-Host`, or RFC 7239's `Forwarded`. */
export type ProxyHeaders = 'x-forwarded' | 'forwarded';

/**
 * Reads the headers of one family only: proxies let those of the other through, as the client has sent them.
 *
 * @param trusted addresses and CIDRs of proxies, or proxy-addr's names `loopback`, `linklocal`, `uniquelocal`; none where
 *   clients connect directly
 * @throws StartError `configuration_invalid`
 */
export function peerReader(trusted: readonly string[], written: ProxyHeaders = 'x-forwarded'): ReadPeer {
  const trusts = compile(trusted);
  const read = written === 'forwarded' ? forwarded : xForwarded;
  return (request) => {
    const { remoteAddress = '', encrypted } = request.socket as IncomingMessage['socket'] & {
      encrypted?: boolean;
    };
    const direct = { address: remoteAddress, secure: encrypted === true, host: undefined };
    if (!trusts(remoteAddress, 0)) return direct;
    const headers = read(request);
    const address = proxyaddr({ headers, socket: request.socket } as never, trusts);
    return {
      address: withoutPort(address),
      secure: lastOf(headers['x-forwarded-proto']) === 'https' || direct.secure,
      host: hostOf(lastOf(headers['x-forwarded-host'])),
    };
  };
}

/** Whether a request's address can be put together: its Host is a host, and its target has no user's name or password. */
export function isAddressed(request: Target): boolean {
  const { host } = request.headers;
  if (host !== undefined && !isHost(host)) return false;
  if (isPath(request.url)) return true;
  const address = addressOf(request);
  return address !== null && !address.username && !address.password;
}

/** The URL that a request itself names; null if it is not an HTTP URL. */
export function addressOf({ url = '/', headers: { host = 'localhost' } }: Target): URL | null {
  const address = URL.parse(isPath(url) ? `http://${host}${url}` : url);
  return address && /^https?:$/.test(address.protocol) ? address : null;
}

type Target = Pick<IncomingMessage, 'url' | 'headers'>;

function isPath(url = '/'): boolean {
  return url.startsWith('/');
}

/** Whether a header names a host and nothing else: with a slash in it, the address put together from it would have another path. */
function isHost(value: string): boolean {
  return /^([a-z0-9._-]+|\[[0-9a-f:.]+\])(:\d{1,5})?$/i.test(value);
}

function hostOf(value: string | undefined): string | undefined {
  return value !== undefined && isHost(value) ? value : undefined;
}

function compile(trusted: readonly string[]): (address: string, hop: number) => boolean {
  try {
    return proxyaddr.compile([...trusted]);
  } catch (cause) {
    throw new StartError('configuration_invalid', 'TRUSTED_PROXIES holds a value that is not an address.', {
      hint: 'Give addresses or CIDRs, separated by commas: 10.0.0.0/8, fd00::/8, or loopback.',
      cause,
    });
  }
}

type Forwarded = Record<'x-forwarded-for' | 'x-forwarded-proto' | 'x-forwarded-host', string | undefined>;

function xForwarded({ headers }: IncomingMessage): Forwarded {
  const text = (name: keyof Forwarded) => {
    const value = headers[name];
    return Array.isArray(value) ? value.join(',') : value;
  };
  return {
    'x-forwarded-for': withoutPorts(text('x-forwarded-for')),
    'x-forwarded-proto': text('x-forwarded-proto'),
    'x-forwarded-host': text('x-forwarded-host'),
  };
}

/** RFC 7239's `Forwarded`, translated to the older headers. */
function forwarded({ headers }: IncomingMessage): Forwarded {
  const pairs = pairsOf(headers.forwarded ?? '');
  // A header that cannot be read does not say which proxy wrote which part.
  if (!pairs) {
    return { 'x-forwarded-for': 'unknown', 'x-forwarded-proto': undefined, 'x-forwarded-host': undefined };
  }
  const all = (wanted: string) => pairs.flatMap(([name, value]) => (name === wanted ? [value] : []));
  return {
    'x-forwarded-for': withoutPorts(all('for').join(',')),
    'x-forwarded-proto': all('proto').at(-1),
    'x-forwarded-host': all('host').at(-1),
  };
}

/** The pairs of all elements; undefined where the header is malformed. */
function pairsOf(text: string): [name: string, value: string][] | undefined {
  const pair = /[ \t]*(?:([\w!#$%&'*+.^`|~-]+)=(?:"([^"\\,]*)"|([^;,"\s]*)))?[ \t]*(?:[;,]|$)/y;
  const pairs: [string, string][] = [];
  while (pair.lastIndex < text.length) {
    const found = pair.exec(text);
    if (!found) return undefined;
    const [, name, quoted, plain] = found;
    if (name !== undefined) pairs.push([name.toLowerCase(), quoted ?? plain ?? '']);
  }
  return pairs;
}

function withoutPorts(list: string | undefined): string | undefined {
  return list
    ?.split(',')
    .map((address) => withoutPort(address.trim()))
    .join(',');
}

/** `[2001:db8::1]:443` and `192.0.2.1:443` as some proxies write them. */
function withoutPort(address: string): string {
  const bracketed = /^\[([^\]]+)\]/.exec(address)?.[1];
  if (bracketed !== undefined) return bracketed;
  return /^\d+\.\d+\.\d+\.\d+:\d+$/.test(address) ? address.slice(0, address.indexOf(':')) : address;
}

/** The last value: each proxy appends, so it was set by the nearest one. */
function lastOf(list: string | undefined): string | undefined {
  return list?.split(',').at(-1)?.trim() || undefined;
}
