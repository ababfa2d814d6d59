import pg from 'pg';
import { isConnectionFailure } from '@/lib/failures';
import { keepingAlive } from '@/lib/time';
import { ApplicationError } from './errors';

/** Who changes something, for the audit log. */
export interface Author {
  /** A user's id, `cli`, `system:<job>`. */
  actor: string;
  requestId?: string;
}

export interface DatabaseOptions {
  /** PostgreSQL URL of the owner of the tables. */
  url: string;
  /** Who changes something where a call does not say. */
  author: Author;
  /** Connections of this process. */
  maxConnections: number;
}

/** The pool of the application database, and transactions that know their author. */
export class Database {
  readonly #pool: pg.Pool;
  #closed = false;

  constructor(private readonly options: DatabaseOptions) {
    this.#pool = new pg.Pool({
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

  /** A single statement that changes nothing audited. */
  async read<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    this.#refuseClosed();
    try {
      return (await this.#pool.query<Row>(text, [...values])).rows;
    } catch (error) {
      throw unreachable(error) ?? error;
    }
  }

  /** One transaction whose changes the audit triggers ascribe to the author. */
  async change<T>(
    by: Author | undefined,
    work: (client: Pick<pg.ClientBase, 'query'>) => Promise<T>,
  ): Promise<T> {
    this.#refuseClosed();
    const { actor, requestId = '' } = by ?? this.options.author;
    const client = await this.#pool.connect().catch((error: unknown) => {
      throw unreachable(error) ?? error;
    });
    let broken: Error | undefined;
    try {
      await client.query('begin');
      await client.query(
        "select set_config('marquee.actor', $1, true), set_config('marquee.request_id', $2, true)",
        [actor, requestId],
      );
      const result = await work(client);
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback').catch((cause: Error) => {
        broken = cause;
      });
      throw unreachable(error) ?? error;
    } finally {
      client.release(broken);
    }
  }

  /** Final. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await keepingAlive(this.#pool.end());
  }

  #refuseClosed(): void {
    if (!this.#closed) return;
    throw new ApplicationError('application_database_closed', 'The application database is closed.', {
      hint: 'Open it again; close is final.',
    });
  }
}

/** The name of the constraint a statement violated. */
export function violatedConstraint(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError && error.code?.startsWith('23')
    ? (error.constraint ?? '')
    : undefined;
}

/** A failure to talk to the database at all, as our error. */
export function unreachable(error: unknown): ApplicationError | undefined {
  if (!isConnectionFailure(error)) return undefined;
  return new ApplicationError(
    'application_database_unreachable',
    'The application database cannot be reached.',
    { cause: error },
  );
}
