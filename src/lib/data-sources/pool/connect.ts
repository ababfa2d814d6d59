import { once } from 'node:events';
import pg from 'pg';
import { guardWire, limitAnswers, WIDE } from '@/lib/postgres';
import { pinSession, startupOptions } from '@/lib/tenant-data';
import { connectionError, DataSourceError } from '../errors';

export interface ConnectOptions {
  /** PostgreSQL URL of the login to use. */
  url: string;
  /** The data source, as the operator knows it; named in errors. */
  name: string;
  /** For TCP, TLS and sign-in together, and again for setting the session up, ms. */
  timeoutMs: number;
  applicationName?: string;
  /** Settings of the session, beside those of every session. */
  settings?: Record<string, string>;
  /** The session keeps the defaults of database and login, to inspect them. */
  asItIs?: boolean;
}

/** Connections to a pooler: each transaction may run in another session of the server. */
const pooled = new WeakSet<pg.ClientBase>();

export function isPooled(client: pg.ClientBase): boolean {
  return pooled.has(client);
}

/**
 * Opens a connection. Its session does not depend on the defaults of database and login, also after RESET ALL.
 *
 * @throws DataSourceError `data_source_url_malformed`, `data_source_unreachable`, `data_source_timeout`,
 *   `data_source_authentication_refused`, …
 */
export async function connect(options: ConnectOptions): Promise<pg.Client> {
  const { name } = options;
  const url = checkedUrl(options.url, name);
  try {
    if (options.asItIs) return await open(url, options);
    return await open(withStartupOptions(url, options.settings), options).catch((error: unknown) => {
      if (!refusesOptions(error)) throw error;
      return open(url, options);
    });
  } catch (error) {
    throw (
      connectionError(name, error) ??
      new DataSourceError('data_source_unreachable', `The database of ${name} cannot be used.`, {
        hint: 'Run the connection test of the data source.',
        cause: error,
      })
    );
  }
}

async function open(
  connectionString: string,
  { timeoutMs, applicationName = 'marquee', settings, asItIs }: ConnectOptions,
): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString,
    connectionTimeoutMillis: timeoutMs,
    application_name: applicationName,
    keepAlive: true,
  });
  client.on('error', () => {});
  guardWire(client);
  try {
    await client.connect();
    if (asItIs) return client;
    const pid = await pinSession(client, { own: settings, timeoutMs });
    limitAnswers(client, WIDE);
    // A pooler hands out process ids of its own.
    if (pid !== (client as pg.Client & { processID: number }).processID) pooled.add(client);
    return client;
  } catch (error) {
    client.connection.stream.destroy();
    throw error;
  }
}

/** Options of the URL come last, and so override ours. */
function withStartupOptions(url: string, settings: Record<string, string> | undefined): string {
  const parsed = new URL(url);
  const own = parsed.searchParams.get('options');
  parsed.searchParams.set('options', [startupOptions(settings), own].filter(Boolean).join(' '));
  return parsed.toString();
}

function refusesOptions(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '08P01' && /options/.test(error.message);
}

/**
 * Checks a PostgreSQL URL.
 *
 * @throws DataSourceError `data_source_url_malformed`, never repeating the URL
 */
export function checkedUrl(url: string, name: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const wellFormed =
    parsed &&
    (parsed.protocol === 'postgresql:' || parsed.protocol === 'postgres:') &&
    parsed.hostname !== '' &&
    parsed.pathname.length > 1;
  if (wellFormed) return url;
  throw new DataSourceError('data_source_url_malformed', `The URL of ${name} is not a PostgreSQL URL.`, {
    hint: 'Its form is postgresql://user:password@host:5432/database.',
  });
}

/** The server of a URL as `host:port`, which has one budget of connections. */
export function serverOf(url: string): string {
  const { hostname, port } = new URL(url);
  return `${hostname.toLowerCase()}:${port || '5432'}`;
}

const CANCEL_TIMEOUT_MS = 2_000;

/**
 * Requests the cancellation of what a connection runs, over a second connection, as the protocol demands. Resolves when the server has
 * closed that one, after it sent the signal; also where it cannot be reached.
 */
export async function requestCancel(client: pg.Client): Promise<void> {
  const { processID, secretKey } = client as pg.Client & { processID: number; secretKey: number };
  const ssl = client.ssl;
  const request = new pg.Connection({ ssl }) as pg.Connection & {
    connect(port: number, host: string): void;
    requestSsl(): void;
    cancel(processID: number, secretKey: number): void;
  };
  const over = once(request, 'end').catch(() => {});
  request.on('error', () => {});
  request.on('connect', () => (ssl ? request.requestSsl() : request.cancel(processID, secretKey)));
  request.on('sslconnect', () => request.cancel(processID, secretKey));
  const timer = setTimeout(() => request.stream.destroy(), CANCEL_TIMEOUT_MS);
  request.connect(client.port, client.host);
  try {
    await over;
  } finally {
    clearTimeout(timer);
  }
}
