// One pool for each database: opens, lends and closes connections. `Admission` decides when a statement gets one.
import type pg from 'pg';
import { connectionLost } from '@/lib/failures';
import { Admission, type AdmissionOptions } from '../admission/admission';
import type { TenantShare } from '../admission/fair-queue';
import type { PoolLimits } from '../admission/pool-config';
import type { Waiter } from '../admission/session';
import type { Deadlines } from './deadlines';
import { Lease, type Lender, PooledConnection } from './lease';

export interface ConnectionPoolOptions
  extends Pick<AdmissionOptions<PooledConnection>, 'name' | 'budget' | 'breaker' | 'max'> {
  /** Opens and signs in; throws a typed error. */
  connect: () => Promise<pg.Client>;
  /** Ends statements that take too long. */
  deadlines: Deadlines;
}

export type PoolStatistics = Admission<PooledConnection>['statistics'];

type Share = TenantShare<Waiter<PooledConnection>>;

/** How long a server may take to close an unused connection, ms. */
const CLOSING_MS = 2_000;

/** Connections that lead to the wrong server are replaced at most this often, ms. */
const RENEW_EVERY_MS = 1_000;

export class ConnectionPool implements Lender {
  readonly #admission: Admission<PooledConnection>;
  #generation = 0;
  #renewedForAt = Number.NEGATIVE_INFINITY;
  readonly #connections = new Set<PooledConnection>();
  #closing: PromiseWithResolvers<void> | undefined;
  #lookAgain: NodeJS.Timeout | undefined;

  constructor(private readonly options: ConnectionPoolOptions) {
    const { name, budget, breaker, max } = options;
    this.#admission = new Admission<PooledConnection>({
      ...{ name, budget, breaker, max },
      effects: {
        open: (attempt) => void this.#open(attempt),
        close: (connection) => this.#close(connection),
        lookAgainIn: (ms) => this.#lookAgainIn(ms),
      },
    });
  }

  /** Number of connections that are open or being opened. */
  get total(): number {
    return this.#admission.total;
  }

  get statistics(): PoolStatistics {
    return this.#admission.statistics;
  }

  /** A connection, if `Admission` lets a statement of the tenant begin at once, as nearly every statement may. */
  tryAcquire(tenantId: string, limits: PoolLimits): Lease | undefined {
    const at = performance.now();
    const share = this.#admission.tenant(tenantId, limits);
    const connection = this.#admission.admit(share, at);
    return connection && this.#lend(connection, share, at, 0);
  }

  /**
   * Waits until `Admission` lets a statement or transaction of the tenant begin, and lends it a connection.
   *
   * @throws DataSourceError `tenant_busy` (the tenant is over its own limits), `data_source_busy` (the database is),
   *   `data_source_circuit_open`, `manager_closed`, or the reason why no connection could be opened; the signal's reason after an abort
   */
  async acquire(tenantId: string, limits: PoolLimits, signal?: AbortSignal): Promise<Lease> {
    signal?.throwIfAborted();
    return this.tryAcquire(tenantId, limits) ?? this.#wait(this.#admission.tenant(tenantId, limits), signal);
  }

  takeBack(lease: Lease, broken: boolean): void {
    const { connection } = lease;
    connection.lease = undefined;
    const isCurrent = !connection.ended && connection.generation === this.#generation;
    const usable = !broken && isCurrent && !connection.isInTransaction;
    // Idle connections do not keep a program running.
    if (usable) connection.client.unref();
    this.#admission.finished(lease.account as Share, connection, performance.now() - lease.since, usable);
  }

  /** Replaces all connections, because credentials or the address have changed: those in use end with their statement. */
  renew(): void {
    this.#generation += 1;
    while (this.#admission.closeIdle());
  }

  /**
   * Replaces all connections because this one leads to the wrong server: not if they were replaced since it was opened, and once a second
   * at most, since until the address leads elsewhere new connections are no better.
   */
  renewFor({ connection }: Lease): void {
    const now = performance.now();
    if (connection.generation !== this.#generation || now < this.#renewedForAt + RENEW_EVERY_MS) return;
    this.#renewedForAt = now;
    this.renew();
  }

  /** Ends the connections whose statements can be repeated at another server, because this server is lost. */
  endRepeatable(): void {
    for (const { lease, client } of this.#connections) {
      if (lease?.repeatable) client.connection.stream.destroy(connectionLost('The primary was lost.'));
    }
  }

  /** Marks all sessions as cold: tables have changed, or a tenant has arrived, so each may have to plan its statements again. */
  cool(): void {
    this.#admission.cool();
  }

  /** Closes connections that were idle for `idleMs`. */
  closeIdleFor(idleMs: number): void {
    const before = performance.now() - idleMs;
    while (this.#admission.idleSince < before && this.#admission.closeIdle());
  }

  /** Refuses waiting statements, closes idle connections, and resolves when every lease is returned and closed. Final. */
  close(): Promise<void> {
    if (!this.#closing) {
      this.#closing = Promise.withResolvers();
      clearTimeout(this.#lookAgain);
      this.#admission.shut();
      this.#settleClosing();
    }
    return this.#closing.promise;
  }

  #settleClosing(): void {
    if (this.total === 0) this.#closing?.resolve();
  }

  #lend(connection: PooledConnection, share: Share, at: number, waitedMs: number): Lease {
    connection.client.ref();
    const lease = new Lease(connection, share, this, at, waitedMs);
    connection.lease = lease;
    return lease;
  }

  async #wait(share: Share, signal: AbortSignal | undefined): Promise<Lease> {
    const enqueuedAt = performance.now();
    const { promise, resolve, reject } = Promise.withResolvers<Lease>();
    const admission = this.#admission;
    const waiter: Waiter<PooledConnection> = {
      settled: false,
      enqueuedAt,
      admit: (connection, waitedMs) =>
        resolve(this.#lend(connection, share, enqueuedAt + waitedMs, waitedMs)),
      refuse: reject,
    };
    admission.enqueue(share, waiter);
    const cancel = (reason: unknown) => {
      admission.cancel(share, waiter);
      reject(reason);
    };
    const onAbort = () => cancel(signal?.reason);
    const timer = setTimeout(() => cancel(admission.timeout(share)), share.limits.queueTimeoutMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  async #open(attempt: object): Promise<void> {
    const generation = this.#generation;
    let client: pg.Client;
    try {
      client = await this.options.connect();
    } catch (error) {
      this.#admission.openFailed(attempt, error);
      this.#settleClosing();
      return;
    }
    const connection = new PooledConnection(client, generation, performance.now());
    this.options.deadlines.add(connection);
    this.#connections.add(connection);
    client.on('error', () => {});
    client.on('end', () => this.#ended(connection));
    client.unref();
    this.#admission.opened(attempt, connection, generation === this.#generation);
  }

  #close(connection: PooledConnection): void {
    this.options.deadlines.delete(connection);
    this.#connections.delete(connection);
    if (connection.ended) {
      this.#closed();
      return;
    }
    connection.ended = true;
    const { client } = connection;
    client.ref();
    // Without this, a server that no longer answers would keep the connection, and its slot in the budget.
    const late = setTimeout(() => client.connection.stream.destroy(), CLOSING_MS);
    client.once('end', () => {
      clearTimeout(late);
      this.#closed();
    });
    client.end().catch(() => {});
  }

  #closed(): void {
    this.#admission.closed();
    this.#settleClosing();
  }

  /** The server or the network ended a connection. If it is lent, it is closed when it is returned. */
  #ended(connection: PooledConnection): void {
    if (connection.ended) return;
    connection.ended = true;
    this.#admission.lost(connection);
  }

  #lookAgainIn(ms: number): void {
    this.#lookAgain ??= setTimeout(() => {
      this.#lookAgain = undefined;
      this.#admission.lookAgain();
    }, ms).unref();
  }
}
