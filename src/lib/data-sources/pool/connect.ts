import { once } from 'node:events';
import type { Socket } from 'node:net';
import pg from 'pg';
import { CheckedSocket } from '@/lib/network';
import {
  guardWire,
  limitAnswers,
  nameOfServer,
  newClient,
  openAtPrimary,
  type PostgresHost,
  type PostgresUrl,
  parsePostgresUrl,
  urlAt,
  WIDE,
} from '@/lib/postgres';
import { pinSession, startupOptions } from '@/lib/tenant-data';
import { connectionError } from '../connection-errors';
import { DataSourceError } from '../errors';

export interface ConnectOptions {
  /** PostgreSQL URL of the login to use. */
  url: string;
  /** The data source, as the operator knows it; named in errors. */
  name: string;
  /** Time limit of TCP, TLS and sign-in together, and again of setting the session up, ms. */
  timeoutMs: number;
  applicationName?: string;
  /** Settings of the session, in addition to those of every session. */
  settings?: Record<string, string>;
  /** The host to connect to, if the URL has several. Default: the primary. */
  host?: PostgresHost;
  /** How long to wait for a primary, ms. Default `timeoutMs`. */
  primaryMs?: number;
  /** Whether the session keeps the defaults of database and login, so that they can be inspected. */
  asItIs?: boolean;
}

/** Connections to a pooler: each transaction may run in another session of the server. */
const pooled = new WeakSet<pg.ClientBase>();

export function isPooled(client: pg.ClientBase): boolean {
  return pooled.has(client);
}

/**
 * Opens a connection; if the URL has several hosts, to the primary. Its session does not depend on the defaults of database and login, not
 * even after RESET ALL.
 *
 * @throws DataSourceError `data_source_url_malformed`, `data_source_unreachable`, `data_source_timeout`,
 *   `data_source_authentication_refused`,
 *   `data_source_no_primary`, …
 */
export async function connect(options: ConnectOptions): Promise<pg.Client> {
  const { name, host, timeoutMs, primaryMs = timeoutMs } = options;
  const url = checkedUrl(options.url, name);
  try {
    if (host) return await openAt(readUrl(urlAt(url, host), name), options);
    return await openAtPrimary(url, primaryMs, (at) => openAt(readUrl(at, name), options));
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

/** @param url with one host */
async function openAt(url: PostgresUrl, options: ConnectOptions): Promise<pg.Client> {
  if (options.asItIs) return open(url, options);
  const isPlain = !url.parameters.has('options');
  return open(withStartupOptions(url, options.settings), options, isPlain).catch((error: unknown) => {
    if (!refusesOptions(error)) throw error;
    return open(url, options);
  });
}

async function open(
  url: PostgresUrl,
  { timeoutMs, applicationName = 'marquee', settings, asItIs }: ConnectOptions,
  started = false,
): Promise<pg.Client> {
  const [host] = url.hosts;
  if (!host) throw new Error('A PostgreSQL URL has at least one host.');
  const client = newClient(url, host, {
    connectionTimeoutMillis: timeoutMs,
    application_name: applicationName,
    keepAlive: true,
  });
  client.on('error', () => {});
  guardWire(client);
  try {
    await client.connect();
    if (asItIs) return client;
    const pid = await pinSession(client, { own: settings, timeoutMs, started });
    limitAnswers(client, WIDE);
    // A pooler gives its clients process ids of its own.
    if (pid !== (client as pg.Client & { processID: number }).processID) pooled.add(client);
    return client;
  } catch (error) {
    client.connection.stream.destroy();
    throw error;
  }
}

/** Adds our options before those of the URL, so that the URL's override ours. */
function withStartupOptions(url: PostgresUrl, settings: Record<string, string> | undefined): PostgresUrl {
  const parameters = new URLSearchParams(url.parameters);
  parameters.set('options', [startupOptions(settings), parameters.get('options')].filter(Boolean).join(' '));
  return { ...url, parameters };
}

function refusesOptions(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '08P01' && /options/.test(error.message);
}

/**
 * Checks a PostgreSQL URL.
 *
 * @throws DataSourceError `data_source_url_malformed`; its message never contains the URL
 */
export function checkedUrl(url: string, name: string): string {
  readUrl(url, name);
  return url;
}

const OF_STANDBYS = new Set(['read-only', 'standby', 'prefer-standby']);

/** Parses a PostgreSQL URL. @throws DataSourceError `data_source_url_malformed`; its message never contains the URL */
export function readUrl(url: string, name: string): PostgresUrl {
  const parsed = parsePostgresUrl(url);
  if (parsed && OF_STANDBYS.has(parsed.parameters.get('target_session_attrs') ?? '')) {
    throw new DataSourceError('data_source_url_malformed', `The URL of ${name} asks for a standby.`, {
      hint: 'Leave target_session_attrs out: Marquee finds the primary among the hosts.',
    });
  }
  if (parsed?.database) return parsed;
  throw new DataSourceError('data_source_url_malformed', `The URL of ${name} is not a PostgreSQL URL.`, {
    hint: 'Its form is postgresql://user:password@host:5432/database; of several hosts, host1:5432,host2:5432.',
  });
}

/** The server of a URL as `host:port` (several hosts are joined by commas). Each server has one budget of connections. */
export function serverOf(url: string): string {
  return nameOfServer(readUrl(url, 'the data source'));
}

const CANCEL_TIMEOUT_MS = 2_000;

/**
 * Requests the cancellation of a connection's statement, over a second connection, as the protocol requires. Resolves when the server has
 * sent the signal and closed the second connection, or cannot be reached. The second connection goes to the address of the first, even if
 * the host's name has another address by now.
 *
 * @returns whether the request is over; false if it may still arrive, and cancel a later statement of the connection
 */
export async function requestCancel(client: pg.Client): Promise<boolean> {
  const { processID, secretKey } = client as pg.Client & { processID: number; secretKey: number };
  const ssl = client.ssl;
  const { remoteAddress } = client.connection.stream as Socket;
  if (remoteAddress === undefined) return true;
  let isOver = true;
  const stream = () => new CheckedSocket({ hostaddr: () => remoteAddress });
  const request = new pg.Connection({ ssl, stream }) as pg.Connection & {
    connect(port: number, host: string): void;
    requestSsl(): void;
    cancel(processID: number, secretKey: number): void;
  };
  const over = once(request, 'end').catch(() => {});
  request.on('error', () => {});
  request.on('connect', () => (ssl ? request.requestSsl() : request.cancel(processID, secretKey)));
  request.on('sslconnect', () => request.cancel(processID, secretKey));
  const giveUp = () => {
    isOver = false;
    request.stream.destroy();
  };
  const timer = setTimeout(giveUp, CANCEL_TIMEOUT_MS);
  request.connect(client.port, client.host);
  try {
    await over;
    return isOver;
  } finally {
    clearTimeout(timer);
  }
}
