import pg from 'pg';
import { Backoff, pause } from '@/lib/time';
import type { Database } from './database';

const ROUTES = 'marquee_routes';
const USERS = 'marquee_users';
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;
/** A connection that a firewall dropped says nothing: ask it now and then. */
const HEARTBEAT_MS = 15_000;
const ANSWER_MS = 5_000;

/** Called with the tenant whose route changed, or with nothing where any may have. */
export type RouteListener = (tenantId?: string, epoch?: string) => void;

export interface Listening {
  close(): Promise<void>;
}

/** Called with the data source whose schema is to be read again. */
export type SchemaListener = (dataSourceId: string) => void;

/** What is said of a data source on the routes' channel, so that no process needs a connection more. */
const SCHEMA = 'schema';

/** Listens for changed routes, and for data sources whose schema has changed, until closed. */
export function listenToRoutes(
  url: string,
  changed: RouteListener,
  schemaChanged?: SchemaListener,
): Promise<Listening> {
  return listen(url, ROUTES, (payload) => {
    if (payload === undefined) return changed();
    const [subject, detail] = payload.split(':');
    if (subject === SCHEMA && detail) schemaChanged?.(detail);
    else if (subject) changed(subject, detail);
  });
}

/** Listens for changed users until closed. @param changed called with the user's id, or without where any may have changed */
export function listenToUsers(url: string, changed: (userId?: string) => void): Promise<Listening> {
  return listen(url, USERS, changed);
}

/** Says that a data source's schema has changed. */
export async function announceSchema(database: Database, dataSourceId: string): Promise<void> {
  await database.read('select pg_notify($1, $2)', [ROUTES, `${SCHEMA}:${dataSourceId}`]);
}

/**
 * Listens to a channel until closed, over a connection of its own. Where it is lost, it is opened again; then anything
 * may have been missed, and `heard` is called without a payload.
 *
 * Needs a session: the URL must not lead to a pooler in transaction mode.
 *
 * @returns once it listens; the first connection is not retried, so that a wrong URL is seen at once
 */
export async function listen(
  url: string,
  channel: string,
  heard: (payload?: string) => void,
): Promise<Listening> {
  const closing = new AbortController();
  let session = await openSession(url, channel, heard);
  const running = keepListening();

  async function keepListening(): Promise<void> {
    while (!closing.signal.aborted) {
      await session.lost;
      const backoff = new Backoff(FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
      while (!closing.signal.aborted) {
        await pause(backoff.next() * (0.5 + Math.random()), { signal: closing.signal, ref: false });
        if (closing.signal.aborted) return;
        const next = await openSession(url, channel, heard).catch(() => undefined);
        if (!next) continue;
        session = next;
        if (closing.signal.aborted) await next.end();
        else heard();
        break;
      }
    }
  }

  return {
    async close() {
      closing.abort();
      await session.end();
      await running;
    },
  };
}

interface Session {
  /** Resolves when the connection is gone. */
  lost: Promise<void>;
  end(): Promise<void>;
}

async function openSession(url: string, channel: string, heard: (payload: string) => void): Promise<Session> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: ANSWER_MS,
    application_name: channel.replace('_', ' '),
    keepAlive: true,
    query_timeout: ANSWER_MS,
  });
  let heartbeat: NodeJS.Timeout | undefined;
  const lost = new Promise<void>((resolve) => {
    client.once('end', resolve);
    client.on('error', () => resolve());
  });
  const end = async () => {
    clearInterval(heartbeat);
    client.ref();
    await client.end().catch(() => {});
  };
  client.on('notification', ({ payload = '' }) => heard(payload));
  try {
    await client.connect();
    await client.query(`listen ${channel}`);
    // Who only listens has nothing to do: a program may end.
    client.unref();
  } catch (error) {
    await end();
    throw error;
  }
  const beat = () => client.query('select').catch(() => client.connection.stream.destroy());
  heartbeat = setInterval(() => void beat(), HEARTBEAT_MS).unref();
  void lost.then(end);
  return { lost, end };
}
