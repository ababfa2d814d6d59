// LISTEN on a connection of its own that is opened again when it is lost.
import pg from 'pg';
import { Backoff, pause } from '@/lib/time';
import { PrimaryClient } from './primary/primary-client';
import { guardWire, WIDE } from './wire-guard';

const ANSWER_MS = 5_000;
/** A connection that a firewall dropped reports no error, so a statement checks it periodically. */
const HEARTBEAT_MS = 15_000;

export interface ListenOptions {
  /** Needs a session: it must not lead to a pooler in transaction mode. */
  connection: pg.ClientConfig;
  channel: string;
  /** Called with each payload, or without one after a lost connection, when anything may have been missed. */
  heard: (payload?: string) => void;
  /** A connection was lost or refused; the next attempt follows after this delay, ms. */
  onRetry?: (error: unknown, delayMs: number) => void;
  /** Whether the first connection is retried as the others are; otherwise `listen` rejects with its error. */
  retryFirst?: boolean;
  /** Pauses between attempts; each is made up to half longer or shorter, so that processes do not come all at once. */
  backoff?: Backoff;
}

export interface Listening {
  close(): Promise<void>;
}

/** Listens to a channel until closed. @returns once it listens, or has failed for the first time */
export async function listen(options: ListenOptions): Promise<Listening> {
  const closing = new AbortController();
  const started = Promise.withResolvers<void>();
  let session: Session | undefined;

  async function keepListening(): Promise<void> {
    const { heard, onRetry, retryFirst = false, backoff = new Backoff(50, 5_000) } = options;
    for (let isFirst = true; !closing.signal.aborted; isFirst = false) {
      let failure: unknown;
      try {
        session = await openSession(options);
        if (closing.signal.aborted) return await session.end();
        started.resolve();
        backoff.reset();
        if (!isFirst) heard();
        failure = await session.lost;
      } catch (error) {
        if (isFirst && !retryFirst) return started.reject(error);
        failure = error;
      }
      if (closing.signal.aborted) return;
      const delay = backoff.next() * (0.5 + Math.random());
      onRetry?.(failure, delay);
      started.resolve();
      await pause(delay, { signal: closing.signal, ref: false });
    }
  }

  const running = keepListening();
  await started.promise;
  return {
    async close() {
      closing.abort();
      await session?.end();
      await running;
    },
  };
}

interface Session {
  /** Resolves with the reason when the connection is gone. */
  lost: Promise<unknown>;
  end(): Promise<void>;
}

async function openSession({ connection, channel, heard }: ListenOptions): Promise<Session> {
  const client = new PrimaryClient({
    connectionTimeoutMillis: ANSWER_MS,
    keepAlive: true,
    query_timeout: ANSWER_MS,
    ...connection,
  });
  // Notifications end no answer, so their sizes add up until the next heartbeat.
  guardWire(client, WIDE);
  let heartbeat: NodeJS.Timeout | undefined;
  const lost = new Promise<unknown>((resolve) => {
    client.once('end', () => resolve(new Error('The connection ended.')));
    client.on('error', resolve);
  });
  const end = async () => {
    clearInterval(heartbeat);
    client.ref();
    await client.end().catch(() => {});
  };
  client.on('notification', ({ payload = '' }) => heard(payload));
  try {
    await client.connect();
    await client.query(`listen ${pg.escapeIdentifier(channel)}`);
    // A program that only listens may end.
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
