import type pg from 'pg';
import { requestCancel } from './connect';
import type { Deadlines } from './deadlines';
import { DataSourceError } from './errors';

/** What trusted server code gets inside `withTenantTransaction`: queries in the tenant's context, one transaction. */
export type TenantTransaction = Pick<pg.ClientBase, 'query'>;

/** After the server should have ended a statement, how long it may take to say so before it is cut off, ms. */
export const CANCEL_GRACE_MS = 3_000;

/**
 * A leased connection in somebody else's hands for one transaction. It stops working when the transaction ends: the
 * connection then serves other tenants, and a query from a forgotten reference must not run among theirs.
 */
export class LentClient implements TenantTransaction {
  #ended = false;

  constructor(
    private readonly client: pg.Client,
    private readonly statementTimeoutMs: number,
    private readonly deadlines: Deadlines,
    private readonly signal?: AbortSignal,
  ) {
    signal?.addEventListener('abort', this.#cancel, { once: true });
  }

  readonly query = ((...parameters: Parameters<pg.ClientBase['query']>) => {
    if (this.#ended) {
      throw new DataSourceError('transaction_ended', 'The tenant transaction of this query has ended.', {
        hint: 'Await every query inside the function given to withTenantTransaction.',
      });
    }
    this.signal?.throwIfAborted();
    const result: unknown = this.client.query(...parameters);
    return result instanceof Promise ? this.#watch(result) : result;
  }) as pg.ClientBase['query'];

  end(): void {
    this.#ended = true;
    this.signal?.removeEventListener('abort', this.#cancel);
  }

  readonly #cancel = (): void => {
    void requestCancel(this.client);
  };

  /** The server enforces the statement's time; a server that does not answer at all is cut off here. */
  async #watch(result: Promise<unknown>): Promise<unknown> {
    const timed = {
      deadline: performance.now() + this.statementTimeoutMs + CANCEL_GRACE_MS,
      late: () => {
        this.deadlines.delete(timed);
        this.client.connection.stream.destroy();
      },
    };
    this.deadlines.add(timed);
    try {
      return await result;
    } finally {
      this.deadlines.delete(timed);
    }
  }
}
