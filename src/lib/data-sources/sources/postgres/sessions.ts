// The sessions of one tenant data database: signed in as the router, lent for one tenant's statements at a time.
import pg from 'pg';
import { classify } from '@/lib/failures';
import { Cluster, limitAnswers, type Statement } from '@/lib/postgres';
import { ROUTER_SETTINGS, sealKeyOf } from '@/lib/tenant-data';
import { CircuitBreaker } from '../../admission/circuit-breaker';
import { ConnectionBudget } from '../../admission/connection-budget';
import { DEFAULT_LIMITS } from '../../admission/pool-config';
import { connectionError, isNotSent, outcomeUnknown } from '../../connection-errors';
import { DataSourceError, staleRoute } from '../../errors';
import { connect } from '../../pool/connect';
import { ConnectionPool } from '../../pool/connection-pool';
import type { Deadlines } from '../../pool/deadlines';
import type { Lease } from '../../pool/lease';
import { ENTER } from '../../pool/session-cleaning';
import { claimsOf, type Identity, type Route } from '../../routing/route';

export const BEGIN: Statement = { text: 'begin isolation level read committed read write', values: [] };
/** A standby begins no other transaction. */
export const BEGIN_READING: Statement = {
  text: 'begin isolation level read committed read only',
  values: [],
};

/** Sessions with standbys, for reads while there is no primary. */
const STANDBY_SESSIONS = 10;
/** How long an attempt to connect waits for a primary, ms. */
const PRIMARY_MS = 10_000;

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
  /** Whether the directory still has this route; undefined where it cannot be read. */
  holds: (route: Route) => Promise<boolean | undefined>;
  /** The URL leads to a replica of the source. */
  isReplica?: boolean;
}

export class Sessions {
  readonly id: string;
  readonly pool: ConnectionPool;
  readonly breaker: CircuitBreaker;
  /** Of the standbys: reads that come while there is no primary. */
  readonly #standbys: ConnectionPool;
  /** What new connections sign in as. */
  #login: RouterLogin;
  /** While a login is replaced, some connections are signed in as the former one, and its claims have another seal. */
  readonly #logins = new WeakMap<pg.Client, RouterLogin>();
  readonly #ofStandbys = new WeakSet<pg.Client>();
  /** Of a URL with several hosts. */
  #cluster: Cluster | undefined;
  #leave: () => void = () => {};
  #lastTenant = '';
  #rereading: Promise<void> | undefined;
  #readAgain = false;

  constructor(private readonly options: SessionsOptions) {
    const { id, budget, deadlines } = options;
    this.id = id;
    this.#login = loginOf(options.url);
    this.#follow(options.url);
    this.breaker = new CircuitBreaker(id);
    const { breaker } = this;
    this.pool = new ConnectionPool({ name: id, budget, breaker, deadlines, connect: () => this.#connect() });
    this.#standbys = new ConnectionPool({
      ...{ name: id, deadlines, budget: new ConnectionBudget(STANDBY_SESSIONS) },
      breaker: new CircuitBreaker(id),
      connect: () => this.#connectToStandby(),
    });
  }

  /** Whether the source has several hosts, so that another may become its primary. */
  get hasSeveralHosts(): boolean {
    return this.#cluster !== undefined;
  }

  /** A session at once, where admission lets the statement begin; the way of nearly every statement. */
  tryLend({ tenantId, limits }: Route, readOnly: boolean): Lease | undefined {
    this.#lastTenant = tenantId;
    const pool = readOnly && this.#readsFromStandby ? this.#standbys : this.pool;
    const lease = pool.tryAcquire(tenantId, limits);
    if (!lease) return undefined;
    limitAnswers(lease.client, limits);
    return lease;
  }

  /** Waits for a session. @throws DataSourceError `tenant_busy`, `data_source_*` */
  async lend(
    { tenantId, limits }: Route,
    readOnly: boolean,
    signal: AbortSignal | undefined,
  ): Promise<Lease> {
    const cluster = this.#cluster;
    const acquire = (pool: ConnectionPool, until = signal) => pool.acquire(tenantId, limits, until);
    const lease = await (!cluster
      ? acquire(this.pool)
      : readOnly
        ? this.#acquireToRead(cluster, acquire, signal)
        : acquire(this.pool).catch((error: unknown) => {
            throw whileLost(cluster, this.id, error);
          }));
    limitAnswers(lease.client, limits);
    return lease;
  }

  /** At the primary; where that is lost meanwhile, at a standby. */
  async #acquireToRead(
    cluster: Cluster,
    acquire: (pool: ConnectionPool, signal?: AbortSignal) => Promise<Lease>,
    signal: AbortSignal | undefined,
  ): Promise<Lease> {
    if (this.#readsFromStandby) return acquire(this.#standbys, signal);
    const lost = new AbortController();
    const leave = cluster.onChange(() => {
      if (this.#readsFromStandby) lost.abort();
    });
    try {
      return await acquire(this.pool, signal ? AbortSignal.any([signal, lost.signal]) : lost.signal);
    } catch (error) {
      if (!lost.signal.aborted || signal?.aborted) throw whileLost(cluster, this.id, error);
      return await acquire(this.#standbys, signal);
    } finally {
      leave();
    }
  }

  get #readsFromStandby(): boolean {
    const cluster = this.#cluster;
    return cluster !== undefined && !cluster.primary && cluster.standby !== undefined;
  }

  /** For a statement of the source's own, for no tenant. */
  async lendForItself(): Promise<Lease> {
    const lease = await this.pool.acquire('', DEFAULT_LIMITS);
    lease.limit(DEFAULT_LIMITS.statementTimeoutMs);
    limitAnswers(lease.client, DEFAULT_LIMITS);
    return lease;
  }

  /** `tenancy.enter` takes the tenant's shared lock, checks the fence, then sets role and claims for this transaction. */
  enter(route: Route, identity: Identity, readOnly: boolean, { client }: Lease): Statement {
    const claims = claimsOf(route, identity, this.#logins.get(client)?.sealKey);
    return {
      name: 'marquee_enter',
      text: ENTER,
      values: [route.tenantIdInDataSource, route.epoch, identity.role, claims, readOnly],
    };
  }

  /**
   * After what a standby has answered: its fence may show a time before the tenant moved, so the directory has to confirm the route. While
   * that cannot be read, the route is taken to hold if there is no primary that could tell.
   *
   * @throws DataSourceError `route_stale`
   */
  async confirm(route: Route, { client }: Lease): Promise<void> {
    const { isReplica = false, holds } = this.options;
    if (!isReplica && !this.#ofStandbys.has(client)) return;
    if (!((await holds(route)) ?? !isReplica)) throw staleRoute(route.tenantId);
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
    if (lease.timedOut && lease.broken && !this.#cluster) this.breaker.failed(lease.timedOut);
    const isLost =
      lease.broken &&
      (error instanceof pg.DatabaseError ? classify(error).outcomeUnknown : !isNotSent(error));
    const failure = lease.timedOut ?? connectionError(this.id, error, true) ?? error;
    // Cut off by us: asking for less is what helps, whatever the statement did.
    if (failure instanceof DataSourceError && failure.code === 'result_too_large') return failure;
    if (!readOnly && (isLost || (lease.timedOut && lease.wasCommitted))) {
      return outcomeUnknown(this.id, lease.timedOut ?? error);
    }
    return failure;
  }

  /**
   * The address or the login may have changed: connections to another address are used no further. Of calls during a reading, one more
   * reading serves all: a login changes for every tenant at once.
   */
  reread(): Promise<void> {
    if (this.#rereading) {
      this.#readAgain = true;
      return this.#rereading;
    }
    this.#rereading = this.#reread().finally(() => {
      this.#rereading = undefined;
    });
    return this.#rereading;
  }

  async #reread(): Promise<void> {
    do {
      this.#readAgain = false;
      if (!this.#lastTenant) return;
      const url = await this.options.readUrl(this.#lastTenant);
      if (url !== this.#login.url) {
        this.#use(loginOf(url));
        this.pool.renew();
        this.#standbys.renew();
      }
    } while (this.#readAgain);
  }

  closeIdleFor(idleMs: number): void {
    this.pool.closeIdleFor(idleMs);
    this.#standbys.closeIdleFor(idleMs);
  }

  async close(): Promise<void> {
    this.#leave();
    await Promise.all([this.pool.close(), this.#standbys.close()]);
  }

  /** A password refused may have been rotated: the URL is read again, and the sign-in tried once more. */
  async #connect(): Promise<pg.Client> {
    // Which hosts answer is known without attempts.
    if (!this.#cluster) this.breaker.admit();
    try {
      const tried = this.#login;
      const client = await this.#open(tried).catch(async (error: unknown) => {
        if (!(error instanceof DataSourceError) || error.code !== 'data_source_authentication_refused') {
          throw error;
        }
        const url = await this.options.readUrl(this.#lastTenant);
        // Compared with what was tried: another connection may have read the new one meanwhile.
        if (url === tried.url) throw error;
        if (url !== this.#login.url) this.#use(loginOf(url));
        return this.#open(this.#login);
      });
      this.breaker.succeeded();
      return client;
    } catch (error) {
      if (!this.#cluster) this.breaker.failed(error);
      throw error;
    }
  }

  async #open(login: RouterLogin): Promise<pg.Client> {
    const { connectTimeoutMs: timeoutMs } = this.options;
    const client = await connect({
      ...{ url: login.url, name: this.id, timeoutMs, primaryMs: PRIMARY_MS },
      settings: ROUTER_SETTINGS,
    });
    this.#logins.set(client, login);
    return client;
  }

  async #connectToStandby(): Promise<pg.Client> {
    const login = this.#login;
    const cluster = this.#cluster;
    const host = cluster?.standby;
    if (!host) throw new DataSourceError('data_source_no_primary', `${this.id} has no standby that answers.`);
    const { connectTimeoutMs: timeoutMs } = this.options;
    try {
      const client = await connect({
        ...{ url: login.url, name: this.id, timeoutMs, host },
        settings: ROUTER_SETTINGS,
      });
      this.#logins.set(client, login);
      this.#ofStandbys.add(client);
      return client;
    } catch (error) {
      cluster.suspect(host);
      throw error;
    }
  }

  #use(login: RouterLogin): void {
    this.#login = login;
    this.#follow(login.url);
  }

  /** A read that waits for a server that does not answer any more is sent to a standby. */
  #follow(url: string): void {
    const cluster = Cluster.of(url, true);
    this.#cluster = cluster;
    this.#leave();
    this.#leave =
      cluster?.onChange((primary) => {
        if (!primary && cluster.standby) this.pool.endRepeatable();
      }) ?? (() => {});
  }
}

interface RouterLogin {
  url: string;
  sealKey: Buffer | undefined;
}

function loginOf(url: string): RouterLogin {
  return { url, sealKey: sealKeyOf(url) };
}

/** A statement that has waited in vain while there was no primary is refused for that. */
function whileLost(cluster: Cluster, id: string, error: unknown): unknown {
  if (cluster.primary || !(error instanceof DataSourceError) || !/_busy$/.test(error.code)) return error;
  return new DataSourceError('data_source_no_primary', `${id} has no primary: ${cluster.describe()}.`, {
    cause: error,
  });
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
