import type pg from 'pg';
import { requestCancel } from './connect';
import { DataSourceError } from './errors';
import type { Lease } from './lease';

/** What trusted server code gets inside `withTenantTransaction`: queries in the tenant's context, one transaction. */
export type TenantTransaction = Pick<pg.ClientBase, 'query'>;

/**
 * A leased connection in somebody else's hands for one transaction. It stops working when the transaction ends: the
 * connection then serves other tenants, and a query from a forgotten reference must not run among theirs.
 */
export class LentClient implements TenantTransaction {
  #ended = false;
  #underWay = 0;
  #cancelling: Promise<void> | undefined;

  constructor(
    private readonly lease: Lease,
    private readonly statementTimeoutMs: number,
    private readonly signal?: AbortSignal,
  ) {
    lease.rest();
    signal?.addEventListener('abort', this.#cancel, { once: true });
  }

  readonly query = ((...parameters: Parameters<pg.ClientBase['query']>) => {
    if (this.#ended) {
      throw new DataSourceError('transaction_ended', 'The tenant transaction of this query has ended.', {
        hint: 'Await every query inside the function given to withTenantTransaction.',
      });
    }
    this.signal?.throwIfAborted();
    const result: unknown = this.lease.client.query(...parameters);
    return result instanceof Promise ? this.#watch(result) : result;
  }) as pg.ClientBase['query'];

  /** Resolves when no cancel request is under way that could hit the connection's next user. */
  async end(): Promise<void> {
    this.#ended = true;
    this.signal?.removeEventListener('abort', this.#cancel);
    await this.#cancelling;
    this.lease.limitFromServer(this.statementTimeoutMs);
  }

  readonly #cancel = (): void => {
    if (this.#underWay > 0) this.#cancelling ??= requestCancel(this.lease.client);
  };

  async #watch(result: Promise<unknown>): Promise<unknown> {
    this.#underWay += 1;
    this.lease.limitFromServer(this.statementTimeoutMs);
    try {
      return await result;
    } finally {
      this.#underWay -= 1;
      if (this.#underWay === 0) this.lease.rest();
    }
  }
}
