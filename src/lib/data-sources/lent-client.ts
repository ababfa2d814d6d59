import type pg from 'pg';
import { requestCancel } from './connect';
import { DataSourceError } from './errors';
import type { Lease } from './lease';
import type { Route } from './route';
import { leavesTraces } from './session-traces';
import { translateValues } from './tenant-id-translation';

/**
 * What trusted server code gets inside `withTenantTransaction`: queries in the tenant's context, one transaction. Values that are
 * the tenant's id in the application become its id in the data source.
 */
export interface TenantTransaction extends Pick<pg.ClientBase, 'query'> {
  /** The tenant's id in this database: for SQL texts, and for COPY and cursors, whose values are not translated. */
  readonly tenantIdInDataSource: string;
}

/**
 * A leased connection in somebody else's hands for one transaction. It stops working when the transaction ends, also
 * when a statement ended it: the connection then serves other tenants, and a query from a forgotten reference must not
 * run among theirs. A query is one statement, so that none can hide behind a COMMIT.
 */
export class LentClient implements TenantTransaction {
  #ended = false;
  #leftTraces = false;
  #underWay = 0;
  #cancelling: Promise<void> | undefined;

  constructor(
    private readonly lease: Lease,
    private readonly route: Route,
    private readonly signal?: AbortSignal,
  ) {
    lease.rest();
    signal?.addEventListener('abort', this.#cancel, { once: true });
  }

  get tenantIdInDataSource(): string {
    return this.route.tenantIdInDataSource;
  }

  readonly query = ((...parameters: Parameters<pg.ClientBase['query']>) => {
    if (this.#ended) {
      throw new DataSourceError('transaction_ended', 'The tenant transaction of this query has ended.', {
        hint: 'Await every query inside the function given to withTenantTransaction.',
      });
    }
    this.signal?.throwIfAborted();
    const result: unknown = this.lease.client.query(...this.#oneStatement(parameters));
    return result instanceof Promise ? this.#watch(result) : result;
  }) as pg.ClientBase['query'];

  /** Whether the session may be left otherwise than it was found. */
  get leftTraces(): boolean {
    return this.#leftTraces;
  }

  /** `T` inside the transaction, `I` when it is over. */
  get #status(): string | null {
    return (
      this.lease.client as pg.Client & { getTransactionStatus(): string | null }
    ).getTransactionStatus();
  }

  /** @throws DataSourceError `transaction_ended` where a statement of the caller's ended the transaction */
  expectOpen(): void {
    if (this.#status !== 'I') return;
    throw new DataSourceError('transaction_ended', 'A statement ended the tenant transaction from inside.', {
      hint: 'Leave COMMIT and ROLLBACK to withTenantTransaction.',
    });
  }

  /** Resolves when no cancel request is under way that could hit the connection's next user. */
  async end(): Promise<void> {
    this.#ended = true;
    this.signal?.removeEventListener('abort', this.#cancel);
    await this.#cancelling;
    this.lease.limitFromServer(this.route.limits.statementTimeoutMs);
  }

  readonly #cancel = (): void => {
    if (this.#underWay > 0) this.#cancelling ??= requestCancel(this.lease.client);
  };

  async #watch(result: Promise<unknown>): Promise<unknown> {
    this.#underWay += 1;
    this.lease.limitFromServer(this.route.limits.statementTimeoutMs);
    try {
      return await result;
    } finally {
      if (this.#status === 'I') this.#ended = true;
      this.#underWay -= 1;
      if (this.#underWay === 0) this.lease.rest();
    }
  }

  /** The extended protocol takes one statement a query. */
  #oneStatement(parameters: Parameters<pg.ClientBase['query']>): Parameters<pg.ClientBase['query']> {
    const [first, ...rest] = parameters as [string | { text?: string; submit?: unknown }, ...unknown[]];
    const text = typeof first === 'string' ? first : (first.text ?? '');
    if (leavesTraces(text)) this.#leftTraces = true;
    if (typeof first === 'object' && first.submit) return parameters;
    const given: { text?: string; values?: unknown[] } = typeof first === 'string' ? { text } : first;
    const values = rest.find(Array.isArray) ?? given.values;
    const translated = values && translateValues(values, this.route);
    const query = { ...given, ...(translated ? { values: translated } : {}), queryMode: 'extended' };
    return [query, ...rest.filter((one) => typeof one === 'function')] as unknown as typeof parameters;
  }
}
