import pg from 'pg';
import { type Listening, listen, PrimaryClient } from '@/lib/postgres';
import { keepingAlive } from '@/lib/time';
import { type AuditLog, sessionLog } from './audit-chain';
import {
  type Author,
  authorOf,
  type ChangeOptions,
  connected,
  type Database,
  databaseClosed,
  unreachable,
} from './database';
import { type Statement, statements } from './statements';

export interface PostgresDatabaseOptions {
  /** PostgreSQL URL of the owner of the tables, or of a login that `marquee migrate` has granted their use. */
  url: string;
  /** Who changes something where a call does not say. */
  author: Author;
  /** Connections of this process. */
  maxConnections: number;
}

const SESSION = statements('session', {
  notify: 'select pg_notify($1::text, payload) from unnest($2::text[]) payload',
  ping: 'select 1 answer',
});

/** The pool of an application database that is reached over PostgreSQL's protocol. */
export class PostgresDatabase implements Database {
  readonly holdsTransactions = true;
  readonly #pool: pg.Pool;
  #closed = false;

  constructor(private readonly options: PostgresDatabaseOptions) {
    this.#pool = new pg.Pool({
      Client: PrimaryClient,
      connectionString: options.url,
      max: options.maxConnections,
      connectionTimeoutMillis: 5_000,
      // A network that swallows answers must not keep a tenant's request, or its cut-over, for ever.
      query_timeout: 10_000,
      idleTimeoutMillis: 30_000,
      allowExitOnIdle: true,
      application_name: 'marquee',
      keepAlive: true,
    });
    this.#pool.on('error', () => {});
    // The pool listens to the connections that lie in it, not to those lent out.
    this.#pool.on('connect', (client) => client.on('error', () => {}));
  }

  async read<Row extends object>({ text }: Statement, values: readonly unknown[] = []): Promise<Row[]> {
    this.#refuseClosed();
    try {
      return (await this.#pool.query(text, [...values])).rows;
    } catch (error) {
      throw unreachable(error) ?? error;
    }
  }

  async change<Row extends object>(
    by: Author | undefined,
    { text }: Statement,
    values: readonly unknown[],
    { auditColumns = {}, beforeCommit }: ChangeOptions<Row> = {},
  ): Promise<Row[]> {
    this.#refuseClosed();
    const { actor, requestId = '', address = '' } = authorOf(by, this.options.author);
    const client = await this.#pool.connect().catch((error: unknown) => {
      throw unreachable(error) ?? error;
    });
    let broken: Error | undefined;
    try {
      // In one round trip: a tenant may wait for this change.
      const author = [actor, requestId, address, JSON.stringify(auditColumns)].map(pg.escapeLiteral);
      const settings = ['actor', 'request_id', 'address', 'beside'].map(
        (name, place) => `set_config('marquee.${name}', ${author[place]}, true)`,
      );
      await client.query(`begin; select ${settings.join(', ')}`);
      const { rows } = await client.query(text, [...values]);
      await beforeCommit?.(rows);
      await client.query('commit');
      return rows;
    } catch (error) {
      await client.query('rollback').catch((cause: Error) => {
        broken = cause;
      });
      throw unreachable(error) ?? error;
    } finally {
      client.release(broken);
    }
  }

  async withLog<T>(work: (log: AuditLog) => Promise<T>): Promise<T> {
    this.#refuseClosed();
    const connection = {
      connectionString: this.options.url,
      connectionTimeoutMillis: 10_000,
      application_name: 'marquee',
      keepAlive: true,
    };
    return connected(connection, (client) => work(sessionLog(client)));
  }

  async notify(channel: string, payloads: readonly string[]): Promise<void> {
    await this.read(SESSION.notify, [channel, payloads]);
  }

  listen(channel: string, heard: (payload?: string) => void): Promise<Listening> {
    const connection = {
      connectionString: this.options.url,
      application_name: channel.replace('_', ' '),
    };
    return listen({ connection, channel, heard });
  }

  async ping(): Promise<void> {
    await this.read(SESSION.ping);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await keepingAlive(this.#pool.end());
  }

  #refuseClosed(): void {
    if (this.#closed) throw databaseClosed();
  }
}
