// One tenant data database reached over PostgreSQL's protocol: every statement in the tenant's context.
import type pg from 'pg';
import type { Statement, TextRow, Transaction } from '@/lib/rest/contract';
import { type PipelineOptions, runPipeline, runTransaction } from '@/lib/rest/pipeline';
import { CircuitBreaker } from './circuit-breaker';
import { connect, requestCancel } from './connect';
import type { ConnectionBudget } from './connection-budget';
import { ConnectionPool, type Lease } from './connection-pool';
import type { Deadlines } from './deadlines';
import { connectionError, DataSourceError, isConnectionGone } from './errors';
import { CANCEL_GRACE_MS, LentClient, type TenantTransaction } from './lent-client';
import { claimsOf, type Identity, type Route } from './route';

export interface PostgresSourceOptions {
  /** The registry's id. */
  id: string;
  /** URL of the router's login. */
  url: string;
  /** The URL in force, by way of a tenant that lives there: read when the server refuses the login we know. */
  readUrl: (tenantId: string) => Promise<string>;
  budget: ConnectionBudget;
  deadlines: Deadlines;
  connectTimeoutMs: number;
  /** Bytes of one answer; more is `result_too_large`. */
  maxResultBytes: number;
}

export class PostgresSource {
  readonly id: string;
  readonly pool: ConnectionPool;
  readonly breaker: CircuitBreaker;
  #url: string;
  #lastTenant = '';

  constructor(private readonly options: PostgresSourceOptions) {
    this.id = options.id;
    this.#url = options.url;
    this.breaker = new CircuitBreaker(options.id);
    this.pool = new ConnectionPool({
      name: options.id,
      budget: options.budget,
      connect: () => this.#connect(),
    });
  }

  /** Runs a transaction of the data engine for a tenant: one flush with its context. */
  async run(
    route: Route,
    identity: Identity,
    transaction: Transaction,
    signal?: AbortSignal,
  ): Promise<TextRow[]> {
    const lease = await this.#lease(route, signal);
    const execution = new Execution(lease, route.limits.statementTimeoutMs, this.options.deadlines);
    try {
      return await runTransaction(
        lease.client,
        transaction,
        [enter(route, identity, transaction.readOnly)],
        this.#pipeline(route, execution, signal),
      );
    } catch (error) {
      if (isConnectionGone(error)) execution.broken = true;
      throw this.#failure(error, execution);
    } finally {
      execution.end();
      lease.release(execution.broken);
    }
  }

  /**
   * Runs `work` in one interactive transaction in the tenant's context; commits when it resolves, rolls back when it
   * rejects.
   */
  async transact<T>(
    route: Route,
    identity: Identity,
    work: (transaction: TenantTransaction) => Promise<T>,
    options: { readOnly?: boolean; signal?: AbortSignal } = {},
  ): Promise<T> {
    const lease = await this.#lease(route, options.signal);
    const { client } = lease;
    const { limits } = route;
    let broken = true;
    try {
      await runPipeline(
        client,
        [
          { text: 'begin', values: [] },
          enter(route, identity, options.readOnly ?? false),
          {
            text: "select set_config('statement_timeout', $1, true), set_config('idle_in_transaction_session_timeout', $2, true)",
            values: [limits.statementTimeoutMs, limits.idleInTransactionTimeoutMs],
          },
        ],
        { prepare: false },
      ).catch(async (error: unknown) => {
        broken = !(await rolledBack(client));
        throw error;
      });
      let result: T;
      const transaction = new LentClient(
        client,
        limits.statementTimeoutMs,
        this.options.deadlines,
        options.signal,
      );
      try {
        result = await work(transaction);
      } catch (error) {
        broken = !(await rolledBack(client));
        throw error;
      } finally {
        transaction.end();
      }
      await client.query('commit');
      broken = false;
      return result;
    } catch (error) {
      options.signal?.throwIfAborted();
      throw connectionError(this.id, error) ?? error;
    } finally {
      lease.release(broken);
    }
  }

  /** The address or the login may have changed: connections to another address are used no further. */
  async reread(): Promise<void> {
    if (!this.#lastTenant) return;
    const url = await this.options.readUrl(this.#lastTenant);
    if (url === this.#url) return;
    this.#url = url;
    this.pool.renew();
  }

  async #lease(route: Route, signal?: AbortSignal): Promise<Lease> {
    this.#lastTenant = route.tenantId;
    return (
      this.pool.tryAcquire(route.tenantId, route.limits) ??
      (await this.pool.acquire(route.tenantId, route.limits, signal))
    );
  }

  #pipeline(route: Route, execution: Execution, signal?: AbortSignal): PipelineOptions {
    return {
      prepare: route.limits.prepare,
      maxBytes: this.options.maxResultBytes,
      contextSetsReadOnly: true,
      signal,
      cancel: execution.cancel,
      onStart: execution.start,
    };
  }

  /** A password refused may have been rotated: the URL is read again, and the sign-in tried once more. */
  async #connect(): Promise<pg.Client> {
    this.breaker.admit();
    try {
      const client = await this.#open().catch(async (error: unknown) => {
        if (!(error instanceof DataSourceError) || error.code !== 'data_source_authentication_refused')
          throw error;
        const url = await this.options.readUrl(this.#lastTenant);
        if (url === this.#url) throw error;
        this.#url = url;
        return this.#open();
      });
      this.breaker.succeeded();
      return client;
    } catch (error) {
      this.breaker.failed(error);
      throw error;
    }
  }

  #open(): Promise<pg.Client> {
    return connect({ url: this.#url, name: this.id, timeoutMs: this.options.connectTimeoutMs });
  }

  #failure(error: unknown, execution: Execution): unknown {
    if (execution.timedOut) {
      if (execution.broken) this.breaker.failed(execution.timedOut);
      return execution.timedOut;
    }
    return connectionError(this.id, error) ?? error;
  }

  close(): Promise<void> {
    return this.pool.close();
  }
}

/** `tenancy.enter` takes the tenant's shared lock, checks the fence, then sets role and claims for this transaction. */
function enter(route: Route, identity: Identity, readOnly: boolean): Statement {
  return {
    name: 'marquee_enter',
    text: 'select tenancy.enter($1, $2, $3, $4, $5)',
    values: [route.tenantIdInDataSource, route.epoch, identity.role, claimsOf(route, identity), readOnly],
  };
}

async function rolledBack(client: pg.ClientBase): Promise<boolean> {
  try {
    await client.query('rollback');
    return true;
  } catch {
    return false;
  }
}

/** One statement in flight: cancelled on the server when it is late, cut off when the server does not even answer to that. */
class Execution {
  deadline: number;
  timedOut: DataSourceError | undefined;
  broken = false;
  #fail: ((reason: unknown) => void) | undefined;
  #cancelled = false;

  constructor(
    private readonly lease: Lease,
    private readonly timeoutMs: number,
    private readonly deadlines: Deadlines,
  ) {
    this.deadline = performance.now() + timeoutMs;
    deadlines.add(this);
  }

  readonly start = (fail: (reason: unknown) => void): void => {
    this.#fail = fail;
  };

  readonly cancel = (): Promise<void> => {
    this.#cancelled = true;
    this.deadline = performance.now() + CANCEL_GRACE_MS;
    return requestCancel(this.lease.client);
  };

  late(): void {
    if (this.#cancelled) {
      this.broken = true;
      this.deadlines.delete(this);
      this.lease.client.connection.stream.destroy();
      return;
    }
    this.timedOut = new DataSourceError(
      'data_source_timeout',
      `The statement took longer than ${this.timeoutMs} ms and was cancelled.`,
      { hint: 'Ask for less at once, or raise statementTimeoutMs in connection_pool_config.' },
    );
    this.#fail?.(this.timedOut);
  }

  end(): void {
    this.deadlines.delete(this);
  }
}
