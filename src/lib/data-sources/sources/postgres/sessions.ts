// The sessions of one tenant data database. They are signed in as the router and lent to one tenant at a time.
import pg from 'pg';
import { classify, connectionLost } from '@/lib/failures';
import { Cluster, limitAnswers, nameOfHost, openAtStandby, type Statement } from '@/lib/postgres';
import { ROUTER_SETTINGS } from '@/lib/tenant-data';
import { withDeadline } from '@/lib/time';
import { CircuitBreaker } from '../../admission/circuit-breaker';
import { ConnectionBudget } from '../../admission/connection-budget';
import { DEFAULT_LIMITS, type PoolLimits } from '../../admission/pool-config';
import { connectionError, isConnectionGone, isNotSent, outcomeUnknown } from '../../connection-errors';
import { DataSourceError, isServerGone, staleRoute } from '../../errors';
import { connect } from '../../pool/connect';
import { ConnectionPool } from '../../pool/connection-pool';
import type { Deadlines } from '../../pool/deadlines';
import type { Lease } from '../../pool/lease';
import { ENTER } from '../../pool/session-cleaning';
import { claimsOf, type Identity, type Route } from '../../routing/route';
import { CurrentLogin, type RouterLogin } from './router-login';

/** Maximum number of sessions with standbys, for reads while there is no primary. */
const STANDBY_SESSIONS = 10;
/** How long an attempt to connect waits for a primary, ms. */
const PRIMARY_MS = 10_000;
/** SQLSTATEs by which a standby refuses a statement that writes, and to begin a transaction that may. */
const REFUSALS_OF_STANDBYS = new Set(['25006', '0A000']);
/** How long a standby's answer waits to be confirmed by the application database, ms, which may have lost its primary too. */
const CONFIRM_MS = 2_000;

export interface SessionsOptions {
  /** The registry's id of the data source. */
  id: string;
  /** URL of the router's login. */
  url: string;
  /** The tenant that the source was opened for. */
  tenantId: string;
  /** Reads the current URL from a tenant of the source. It is called when the server refuses the known login. */
  readUrl: (tenantId: string) => Promise<string>;
  budget: ConnectionBudget;
  deadlines: Deadlines;
  connectTimeoutMs: number;
  /** Whether the directory still has this route; undefined if the directory cannot be read. */
  holds: (route: Route) => Promise<boolean | undefined>;
  /** Whether the URL leads to a replica of the source. */
  isReplica?: boolean;
}

export class Sessions {
  readonly id: string;
  readonly pool: ConnectionPool;
  readonly breaker: CircuitBreaker;
  /** Connections to standbys, for reads while there is no primary. */
  readonly #standbys: ConnectionPool;
  readonly #current: CurrentLogin;
  /** The login of each connection. While a login is replaced, some connections have the former one, whose claims have another seal. */
  readonly #logins = new WeakMap<pg.Client, RouterLogin>();
  readonly #ofStandbys = new WeakSet<pg.Client>();
  /** The watched hosts, if the URL has several. */
  #cluster: Cluster | undefined;
  /** Number of failed attempts to connect to a standby. Each next attempt goes to another standby. */
  #standbysTried = 0;
  #leave: () => void = () => {};

  constructor(private readonly options: SessionsOptions) {
    const { id, url, tenantId, readUrl, budget, deadlines } = options;
    this.id = id;
    this.#current = new CurrentLogin({
      ...{ url, tenantId, readUrl },
      changed: (login) => this.#follow(login.url),
      replaced: () => {
        this.pool.renew();
        this.#standbys.renew();
      },
    });
    this.#follow(url);
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

  /** A session, if admission lets the statement begin at once, as nearly every statement may. */
  tryLend({ tenantId, limits }: Route, readOnly: boolean): Lease | undefined {
    this.#current.serve(tenantId);
    const pool = readOnly ? this.#poolToRead : this.pool;
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
    const lease = await this.#acquire(tenantId, limits, readOnly, signal);
    limitAnswers(lease.client, limits);
    return lease;
  }

  async #acquire(
    tenantId: string,
    limits: PoolLimits,
    readOnly: boolean,
    signal?: AbortSignal,
  ): Promise<Lease> {
    const cluster = this.#cluster;
    if (!cluster) return this.pool.acquire(tenantId, limits, signal);
    for (;;) {
      const pool = readOnly ? this.#poolToRead : this.pool;
      const elsewhere = new AbortController();
      const leave = cluster.onChange(() => {
        if (readOnly && pool !== this.#poolToRead) elsewhere.abort();
      });
      try {
        const until = signal ? AbortSignal.any([signal, elsewhere.signal]) : elsewhere.signal;
        return await pool.acquire(tenantId, limits, until);
      } catch (error) {
        if (!elsewhere.signal.aborted || signal?.aborted) throw whileLost(cluster, this.id, error);
      } finally {
        leave();
      }
    }
  }

  /** The pool for reads: the primary's, or the standbys' while there is no primary. */
  get #poolToRead(): ConnectionPool {
    return this.#cluster && this.#cluster.standbys.length > 0 ? this.#standbys : this.pool;
  }

  /** Whether repeating a failed read may succeed: it got no session or lost it, and some server answers. */
  mayReadAgain(error: unknown): boolean {
    const cluster = this.#cluster;
    if (!cluster || !(error instanceof DataSourceError)) return false;
    return isServerGone(error) || (error.code === 'data_source_no_primary' && cluster.mayBeRead);
  }

  /** A request of the tenant begins. It may need reads of the source itself before it needs a session of its own. */
  serve(tenantId: string): void {
    this.#current.serve(tenantId);
  }

  /** Lends a session for a read of the source itself, for no tenant. */
  async lendForItself(): Promise<Lease> {
    const lease = await this.#acquire('', DEFAULT_LIMITS, true);
    lease.repeatable = true;
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
   * Called after a standby has answered. The standby's fence may be older than a move of the tenant, so the directory has to confirm the
   * route. If the directory cannot be read and there is no primary, the route is assumed to be valid.
   *
   * @throws DataSourceError `route_stale`
   */
  async confirm(route: Route, { client }: Lease): Promise<void> {
    const { isReplica = false, holds } = this.options;
    if (isReplica) {
      if (!(await holds(route))) throw staleRoute(route.tenantId);
    } else if (this.#ofStandbys.has(client)) {
      const held = withDeadline(holds(route), CONFIRM_MS, () => new Error('No answer.')).catch(
        () => undefined,
      );
      if ((await held) === false) throw staleRoute(route.tenantId);
    }
  }

  /** Whether a kept session had ended, so that a new one may work. */
  renewAfter(error: unknown): boolean {
    const isGone =
      error instanceof DataSourceError &&
      (error.code === 'data_source_shutting_down' || error.code === 'data_source_connection_lost');
    if (isGone) this.pool.renew();
    return isGone;
  }

  /**
   * The error of a write that was refused because the source's only host leads to a standby, as after a failover that the host's name did
   * not follow in time. All sessions are replaced: they would refuse writes, and answer reads with old rows, as long as they are in use.
   *
   * @returns undefined if it was refused for another reason
   */
  async refusedByStandby(error: unknown, lease: Lease): Promise<DataSourceError | undefined> {
    const mayBe = error instanceof pg.DatabaseError && REFUSALS_OF_STANDBYS.has(error.code ?? '');
    if (!mayBe || this.#cluster || !(await isStandby(lease))) return undefined;
    this.pool.renewFor(lease);
    return this.#noServer('no primary: its host leads to a standby', error);
  }

  /** The error of a failed statement. If the server has not reported the failure itself, a write may have been done. */
  failureOf(error: unknown, lease: Lease, readOnly = true): unknown {
    if (lease.timedOut && lease.broken && !this.#cluster) this.breaker.failed(lease.timedOut);
    const isLost =
      lease.broken &&
      (error instanceof pg.DatabaseError ? classify(error).outcomeUnknown : !isNotSent(error));
    // A server that does not even cancel a read is lost.
    const isGone = readOnly && lease.timedOut && lease.broken && this.#cluster;
    const failure = isGone
      ? connectionError(this.id, connectionLost('No answer to a cancel request.', lease.timedOut))
      : (lease.timedOut ?? connectionError(this.id, error, true) ?? error);
    // Marquee has cut the answer off. The hint is to ask for less, even if the statement has written.
    if (failure instanceof DataSourceError && failure.code === 'result_too_large') return failure;
    if (!readOnly && (isLost || (lease.timedOut && lease.wasCommitted))) {
      return outcomeUnknown(this.id, lease.timedOut ?? error);
    }
    return failure;
  }

  /**
   * Call when the address or the login may have changed: reads the URL again, and stops using connections of a former one.
   *
   * @param tenantId of a tenant that lives there
   * @returns false if all tenants that were given have moved away
   */
  reread(tenantId: string): Promise<boolean> {
    return this.#current.reread(tenantId);
  }

  closeIdleFor(idleMs: number): void {
    this.pool.closeIdleFor(idleMs);
    this.#standbys.closeIdleFor(idleMs);
  }

  async close(): Promise<void> {
    this.#leave();
    await Promise.all([this.pool.close(), this.#standbys.close()]);
  }

  /** Connects. If the password is refused, it may have been rotated: the URL is read again and the sign-in is repeated once. */
  async #connect(): Promise<pg.Client> {
    // A watched cluster needs no circuit breaker, since it is known which hosts answer.
    if (!this.#cluster) this.breaker.admit();
    try {
      const tried = this.#current.login;
      const client = await this.#open(tried).catch(async (error: unknown) => {
        if (!(error instanceof DataSourceError) || error.code !== 'data_source_authentication_refused') {
          throw error;
        }
        const login = await this.#current.afterRefusal(tried);
        if (!login) throw error;
        return this.#open(login);
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
    const { login } = this.#current;
    const cluster = this.#cluster;
    const { standbys = [] } = cluster ?? {};
    const host = standbys[this.#standbysTried % standbys.length];
    if (!cluster || !host) throw this.#noServer('no standby that answers');
    const { connectTimeoutMs: timeoutMs } = this.options;
    const where = { url: login.url, name: this.id, timeoutMs, host };
    try {
      const client = await openAtStandby(cluster, host, () =>
        connect({ ...where, settings: ROUTER_SETTINGS }),
      );
      this.#logins.set(client, login);
      this.#ofStandbys.add(client);
      return client;
    } catch (error) {
      this.#standbysTried += 1;
      const isGone = isConnectionGone(error) || isServerGone(error) || isTimeout(error);
      if (isGone) cluster.suspect(host);
      if (isGone || isFull(error)) throw this.#noServer('no primary, and its standby cannot be used', error);
      throw error;
    }
  }

  #noServer(what: string, cause?: unknown): DataSourceError {
    return new DataSourceError('data_source_no_primary', `${this.id} has ${what}.`, { cause });
  }

  /**
   * Follows the cluster. When the primary is lost, reads that wait for it are sent to a standby. When the hosts change roles, sessions with
   * standbys are replaced, since one of these may be the next primary.
   */
  #follow(url: string): void {
    const cluster = Cluster.of(url, true);
    this.#cluster = cluster;
    this.#leave();
    let standbys = '';
    this.#leave =
      cluster?.onChange(() => {
        const now = cluster.standbys.map(nameOfHost).join();
        if (now !== standbys) this.#standbys.renew();
        standbys = now;
        if (now !== '') this.pool.endRepeatable();
      }) ?? (() => {});
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof DataSourceError && error.code === 'data_source_timeout';
}

function isFull(error: unknown): boolean {
  return error instanceof DataSourceError && error.code === 'data_source_out_of_connections';
}

/** The error of a statement that has waited in vain: `data_source_no_primary` if there was no primary. */
function whileLost(cluster: Cluster, id: string, error: unknown): unknown {
  const isAnswered = cluster.primary !== undefined || cluster.standbys.length > 0;
  if (isAnswered || !(error instanceof DataSourceError) || !/_busy$/.test(error.code)) return error;
  return new DataSourceError('data_source_no_primary', `${id} has no primary: ${cluster.describe()}.`, {
    cause: error,
  });
}

async function isStandby(lease: Lease): Promise<boolean> {
  lease.limitFromServer(0);
  const asked = lease.client.query<{ standby: boolean }>('select pg_catalog.pg_is_in_recovery() as standby');
  const { rows } = await asked.catch(() => ({ rows: [] }));
  return rows[0]?.standby ?? false;
}
