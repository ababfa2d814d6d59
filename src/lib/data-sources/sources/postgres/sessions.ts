// The sessions of one tenant data database: signed in as the router, lent for one tenant's statements at a time.
import pg from 'pg';
import { limitAnswers, type Statement } from '@/lib/postgres';
import { ROUTER_LIMITS, sealKeyOf } from '@/lib/tenant-data';
import { CircuitBreaker } from '../../admission/circuit-breaker';
import type { ConnectionBudget } from '../../admission/connection-budget';
import { DEFAULT_LIMITS } from '../../admission/pool-config';
import { connectionError, DataSourceError, isNotSent, outcomeUnknown } from '../../errors';
import { connect } from '../../pool/connect';
import { ConnectionPool } from '../../pool/connection-pool';
import type { Deadlines } from '../../pool/deadlines';
import type { Lease } from '../../pool/lease';
import { ENTER } from '../../pool/session-cleaning';
import { claimsOf, type Identity, type Route } from '../../routing/route';

export const BEGIN: Statement = { text: 'begin isolation level read committed read write', values: [] };

export interface SessionsOptions {
  /** The registry's id of the data source. */
  id: string;
  /** URL of the router's login. */
  url: string;
  /** The URL in force, by way of a tenant that lives there: read when the server refuses the login we know. */
  readUrl: (tenantId: string) => Promise<string>;
  budget: ConnectionBudget;
  deadlines: Deadlines;
  connectTimeoutMs: number;
}

export class Sessions {
  readonly id: string;
  readonly pool: ConnectionPool;
  readonly breaker: CircuitBreaker;
  #url: string;
  #sealKey: Buffer | undefined;
  #lastTenant = '';

  constructor(private readonly options: SessionsOptions) {
    const { id, budget, deadlines } = options;
    this.id = id;
    this.#url = options.url;
    this.#sealKey = sealKeyOf(options.url);
    this.breaker = new CircuitBreaker(id);
    const { breaker } = this;
    this.pool = new ConnectionPool({ name: id, budget, breaker, deadlines, connect: () => this.#connect() });
  }

  /** A session at once, where admission lets the statement begin; the way of nearly every statement. */
  tryLend({ tenantId, limits }: Route): Lease | undefined {
    this.#lastTenant = tenantId;
    const lease = this.pool.tryAcquire(tenantId, limits);
    if (lease) limitAnswers(lease.client, limits);
    return lease;
  }

  /** Waits for a session. @throws DataSourceError `tenant_busy`, `data_source_*` */
  async lend({ tenantId, limits }: Route, signal: AbortSignal | undefined): Promise<Lease> {
    const lease = await this.pool.acquire(tenantId, limits, signal);
    limitAnswers(lease.client, limits);
    return lease;
  }

  /** For a statement of the source's own, for no tenant. */
  async lendForItself(): Promise<Lease> {
    const lease = await this.pool.acquire('', DEFAULT_LIMITS);
    lease.limit(DEFAULT_LIMITS.statementTimeoutMs);
    limitAnswers(lease.client, DEFAULT_LIMITS);
    return lease;
  }

  /** `tenancy.enter` takes the tenant's shared lock, checks the fence, then sets role and claims for this transaction. */
  enter(route: Route, identity: Identity, readOnly: boolean): Statement {
    const claims = claimsOf(route, identity, this.#sealKey);
    return {
      name: 'marquee_enter',
      text: ENTER,
      values: [route.tenantIdInDataSource, route.epoch, identity.role, claims, readOnly],
    };
  }

  /** Whether a kept session turned out to be ended, so that a new one may serve; it is not used again. */
  renewAfter(error: unknown): boolean {
    const isGone =
      error instanceof DataSourceError &&
      (error.code === 'data_source_shutting_down' || error.code === 'data_source_connection_lost');
    if (isGone) this.pool.renew();
    return isGone;
  }

  /** What a failed statement is thrown as. Without the server's own word that it failed, a write may have been done. */
  failureOf(error: unknown, lease: Lease, readOnly = true): unknown {
    if (lease.timedOut && lease.broken) this.breaker.failed(lease.timedOut);
    const isLost = lease.broken && !(error instanceof pg.DatabaseError) && !isNotSent(error);
    const failure = lease.timedOut ?? connectionError(this.id, error, true) ?? error;
    // Cut off by us: asking for less is what helps, whatever the statement did.
    if (failure instanceof DataSourceError && failure.code === 'result_too_large') return failure;
    if (!readOnly && (isLost || (lease.timedOut && lease.wasDone))) {
      return outcomeUnknown(this.id, lease.timedOut ?? error);
    }
    return failure;
  }

  /** The address or the login may have changed: connections to another address are used no further. */
  async reread(): Promise<void> {
    if (!this.#lastTenant) return;
    const url = await this.options.readUrl(this.#lastTenant);
    if (url === this.#url) return;
    this.#use(url);
    this.pool.renew();
  }

  close(): Promise<void> {
    return this.pool.close();
  }

  /** A password refused may have been rotated: the URL is read again, and the sign-in tried once more. */
  async #connect(): Promise<pg.Client> {
    this.breaker.admit();
    try {
      const client = await this.#open().catch(async (error: unknown) => {
        if (!(error instanceof DataSourceError) || error.code !== 'data_source_authentication_refused') {
          throw error;
        }
        const url = await this.options.readUrl(this.#lastTenant);
        if (url === this.#url) throw error;
        this.#use(url);
        return this.#open();
      });
      this.breaker.succeeded();
      return client;
    } catch (error) {
      this.breaker.failed(error);
      throw error;
    }
  }

  #use(url: string): void {
    this.#url = url;
    this.#sealKey = sealKeyOf(url);
  }

  #open(): Promise<pg.Client> {
    const { connectTimeoutMs: timeoutMs } = this.options;
    return connect({ url: this.#url, name: this.id, timeoutMs, settings: ROUTER_LIMITS });
  }
}

/** Whether the server does at once what it is asked to; one that does not answer is not waited for. */
export async function answers(lease: Lease, text: string): Promise<boolean> {
  lease.limitFromServer(0);
  try {
    await lease.client.query(text);
    return true;
  } catch {
    return false;
  }
}
