// PostgreSQL URLs as libpq reads them: one database at one host or at several, of which one is the primary. `URL` refuses several
// hosts with ports, so every PostgreSQL URL is read and written here.

export interface PostgresHost {
  /** A name, an address without brackets, or the directory of a Unix socket. */
  host: string;
  port: number;
  /** The address to connect to; `host` is then only the name that the certificate must have. */
  hostaddr?: string;
}

export interface PostgresUrl {
  /** Empty where the URL names none, as `password` and `database`. */
  user: string;
  password: string;
  database: string;
  /** At least one, in the URL's order. */
  hosts: PostgresHost[];
  /** Everything after `?` but the hosts' own parameters. */
  parameters: URLSearchParams;
}

const DEFAULT_PORT = 5432;
const FORM = /^postgres(?:ql)?:\/\/(?:([^/?#]*)@)?([^/?#@]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/i;
/** Parameters that name hosts; what they say overrides the part before the path, as in libpq. */
const OF_HOSTS = ['host', 'hostaddr', 'port'] as const;

/** @returns undefined for what is not a PostgreSQL URL, or names no host */
export function parsePostgresUrl(text: string): PostgresUrl | undefined {
  const [, userInfo = '', authority = '', path = '', query = ''] = FORM.exec(text.trim()) ?? [];
  try {
    const parameters = new URLSearchParams(query);
    const hosts = readHosts(authority, parameters);
    if (!hosts) return undefined;
    for (const name of OF_HOSTS) parameters.delete(name);
    const take = (name: string) => {
      const value = parameters.get(name);
      parameters.delete(name);
      return value;
    };
    const colon = userInfo.indexOf(':');
    return {
      user: take('user') ?? decodeURIComponent(colon < 0 ? userInfo : userInfo.slice(0, colon)),
      password: take('password') ?? (colon < 0 ? '' : decodeURIComponent(userInfo.slice(colon + 1))),
      database: take('dbname') ?? decodeURIComponent(path),
      hosts,
      parameters,
    };
  } catch {
    // A percent sign that encodes nothing.
    return undefined;
  }
}

export function formatPostgresUrl({ user, password, database, hosts, parameters }: PostgresUrl): string {
  const encode = encodeURIComponent;
  const login = password ? `${encode(user)}:${encode(password)}` : encode(user);
  const query = new URLSearchParams(parameters);
  if (hosts.some(({ hostaddr }) => hostaddr))
    query.set('hostaddr', hosts.map(({ hostaddr = '' }) => hostaddr).join(','));
  const places = hosts.map((one) => `${bracketed(one.host)}:${one.port}`).join(',');
  const after = query.size > 0 ? `?${query}` : '';
  // The driver decodes a database's name with decodeURI, which leaves what has a meaning in a URL encoded.
  const path = encodeURI(database).replace(/[?#]/g, encodeURIComponent);
  return `postgresql://${login && `${login}@`}${places}/${path}${after}`;
}

/** `host:port` in lower case, how a server is named. */
export function nameOfHost({ host, port }: PostgresHost): string {
  return `${bracketed(host.toLowerCase())}:${port}`;
}

/** The server of a URL, all its hosts together: what connections are budgeted by. The order of hosts does not count. */
export function nameOfServer({ hosts }: PostgresUrl): string {
  return hosts.map(nameOfHost).sort().join(',');
}

/** The URL for a driver that knows one host only. Where it names one anyway it stays as it is. */
export function urlAt(text: string, at: PostgresHost): string {
  const url = parsePostgresUrl(text);
  if (!url || (url.hosts.length === 1 && !/[?&](host|port|hostaddr)=/.test(text))) return text;
  return formatPostgresUrl({ ...url, hosts: [at] });
}

/** Hosts and ports of the URL's place or its parameters: as many ports as hosts, or one for all. */
function readHosts(authority: string, parameters: URLSearchParams): PostgresHost[] | undefined {
  const places = authority.split(',').map((place) => /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(place));
  if (places.some((place) => !place)) return undefined;
  const given = (name: (typeof OF_HOSTS)[number]) => parameters.get(name)?.split(',');
  const names =
    given('host') ?? places.map((place) => decodeURIComponent(place?.[1] ?? '').replace(/^\[(.*)\]$/, '$1'));
  const addresses = given('hostaddr') ?? [];
  const ports = given('port') ?? places.map((place) => place?.[2] ?? '');
  const count = Math.max(names.length, addresses.length);
  if (ports.length !== count && ports.length !== 1) return undefined;
  if (addresses.length > 0 && names.some(Boolean) && addresses.length !== names.length) return undefined;
  const hosts: PostgresHost[] = [];
  for (let index = 0; index < count; index += 1) {
    const hostaddr = addresses[index];
    const host = names[index] || hostaddr;
    const port = Number((ports.length === 1 ? ports[0] : ports[index]) || DEFAULT_PORT);
    if (!host || /\s/.test(host) || !(port > 0 && port < 65_536)) return undefined;
    hosts.push(hostaddr ? { host, port, hostaddr } : { host, port });
  }
  return hosts;
}

function bracketed(host: string): string {
  if (host.includes(':')) return `[${host}]`;
  return host.startsWith('/') ? encodeURIComponent(host) : host;
}
