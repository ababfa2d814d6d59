// One pool a database. Requests lease a connection; who waits is served fairly between tenants (fair-queue.ts); how
// many connections there may be is the server's budget (connection-budget.ts).
import type pg from 'pg';
import type { BudgetMember, ConnectionBudget } from '../admission/connection-budget';
import { FairQueue, isLong, type TenantShare, type Waiting } from '../admission/fair-queue';
import type { PoolLimits } from '../admission/pool-config';
import { DataSourceError } from '../errors';
import type { Deadlines } from './deadlines';
import { Lease, type Lender, PooledConnection } from './lease';

export interface ConnectionPoolOptions {
  /** The data source, as the operator knows it. */
  name: string;
  /** Opens and signs in; throws a typed error. */
  connect: () => Promise<pg.Client>;
  /** The server's ceiling in this process. */
  budget: ConnectionBudget;
  /** Watches what is under way on the connections. */
  deadlines: Deadlines;
  /** This database's own ceiling in this process. Default: the budget's. */
  max?: number;
}

export interface PoolStatistics {
  total: number;
  idle: number;
  inUse: number;
  waiting: number;
}

interface Waiter extends Waiting {
  resolve(lease: Lease): void;
  reject(error: unknown): void;
  timer: NodeJS.Timeout;
}

const now = () => performance.now();

/** Part of a pool's connections kept for tenants below their share while several are active: a flood takes the rest. */
const RESERVED = 3 / 8;
/** How much is left at each count of the most connections that short work has had in use at once. */
const FADING = 0.9;
const ACTIVE_MS = 1_000;
const RECOUNT_MS = 200;
/**
 * A session that was not used for so long may have to plan anew what it is asked, as all have to when a table has changed, and a
 * crowd of sessions that plan at once holds up everybody. So a tenant that has so many statements under way wakes another session
 * only every so often, since mostly one of those is done before; unless a statement has waited for too long.
 */
const COLD_MS = 1_000;
/** How long a server may take to close a connection that is not used any more, ms. */
const CLOSING_MS = 2_000;
const AWAKE = 2;
const WAKE_EVERY_MS = 50;
const WAKE_AFTER_MS = 250;

export class ConnectionPool implements BudgetMember, Lender {
  readonly #idle: PooledConnection[] = [];
  readonly #queue = new FairQueue<Waiter>();
  #total = 0;
  #opening = 0;
  #generation = 0;
  #closed = false;
  #whenEmpty: (() => void) | undefined;
  /** Idle connections that a tenant at its share leaves to the others. */
  #reserve = 0;
  /** Connections each active tenant would have if they were dealt out evenly. */
  #share = Number.POSITIVE_INFINITY;
  /** Connections that short work needs at times: what a tenant of long statements takes would not come back for long. */
  #needed = 0;
  #countedAt = 0;
  #wokenAt = 0;
  #waking: NodeJS.Timeout | undefined;

  constructor(private readonly options: ConnectionPoolOptions) {}

  get total(): number {
    return this.#total;
  }

  get statistics(): PoolStatistics {
    const idle = this.#idle.length;
    return {
      total: this.#total,
      idle,
      inUse: this.#total - this.#opening - idle,
      waiting: this.#queue.waiting,
    };
  }

  /** A lease at once where a connection is idle and nobody waits; the way of nearly every request. */
  tryAcquire(tenantId: string, limits: PoolLimits): Lease | undefined {
    if (this.#idle.length === 0 || this.#queue.waiting > 0) return undefined;
    const share = this.#queue.tenant(tenantId, limits);
    if (share.inFlight >= limits.max || !this.#mayStart(share, this.#idle.length)) return undefined;
    const connection = this.#takeIdle();
    if (!connection) return undefined;
    this.#queue.start(share);
    return this.#lend(connection, share, now(), 0);
  }

  /**
   * Waits for a connection, at most `limits.queueTimeoutMs`, in a queue of at most `limits.queue` of this tenant.
   *
   * @throws DataSourceError `tenant_busy` (the tenant is over its own limits), `data_source_busy` (the database is),
   *   or why no connection could be opened; the signal's reason after an abort
   */
  async acquire(tenantId: string, limits: PoolLimits, signal?: AbortSignal): Promise<Lease> {
    const lease = this.#closed ? undefined : this.tryAcquire(tenantId, limits);
    if (lease) return lease;
    if (this.#closed)
      throw new DataSourceError('manager_closed', `The pool of ${this.options.name} is closed.`);
    signal?.throwIfAborted();
    const share = this.#queue.tenant(tenantId, limits);
    if (share.waiting >= limits.queue) throw busyTenant(`${share.waiting} statements wait already`);
    return new Promise<Lease>((resolve, reject) => {
      const giveUp = (reason: unknown) => {
        this.#queue.cancel(share, waiter);
        signal?.removeEventListener('abort', onAbort);
        clearTimeout(waiter.timer);
        if (this.#queue.waiting === 0) this.options.budget.withdraw(this);
        reject(reason);
      };
      const onAbort = () => giveUp(signal?.reason);
      const onTimeout = () => giveUp(this.#tooLate(share, limits));
      const settle = () => {
        signal?.removeEventListener('abort', onAbort);
        clearTimeout(waiter.timer);
      };
      const waiter: Waiter = {
        cancelled: false,
        enqueuedAt: now(),
        timer: setTimeout(onTimeout, limits.queueTimeoutMs),
        resolve: (granted) => {
          settle();
          resolve(granted);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#queue.push(share, waiter);
      this.#pump();
    });
  }

  takeBack(lease: Lease, broken: boolean): void {
    const at = now();
    const { connection } = lease;
    connection.lease = undefined;
    this.#queue.finish(lease.account as TenantShare<Waiter>, at - lease.since, at);
    if (at - this.#countedAt > RECOUNT_MS) this.#recount(at);
    const { budget } = this.options;
    const stale = connection.generation !== this.#generation || this.#closed;
    if (broken || connection.ended || stale || budget.mustYield(this, connection.heldSince, at)) {
      this.#discard(connection);
    } else {
      connection.idleSince = at;
      this.#keep(connection);
      if (this.#queue.waiting === 0) budget.noteIdle(this, true);
    }
    if (this.#queue.waiting > 0) this.#pump();
  }

  /** Connections opened so far are used no further: credentials or the address have changed. */
  renew(): void {
    this.#generation += 1;
    while (this.#idle.length > 0) this.closeIdle();
  }

  grant(): boolean {
    if (this.#closed || this.#opening >= this.#queue.startable(this.#opening + 1)) return false;
    void this.#open();
    return true;
  }

  closeIdle(): boolean {
    const connection = this.#idle.shift();
    if (!connection) return false;
    if (this.#idle.length === 0) this.options.budget.noteIdle(this, false);
    this.#discard(connection);
    return true;
  }

  /** Closes connections that nobody has used for `idleMs`; answers whether the pool holds none any more. */
  closeIdleFor(idleMs: number): boolean {
    const before = now() - idleMs;
    for (let oldest = this.#idle[0]; oldest && oldest.idleSince < before; oldest = this.#idle[0])
      this.closeIdle();
    return this.#total === 0 && this.#queue.waiting === 0;
  }

  /** Refuses who waits, closes idle connections and resolves when every lease is back and closed. Final. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#rejectWaiting(new DataSourceError('manager_closed', `The pool of ${this.options.name} is closed.`));
    this.options.budget.withdraw(this);
    clearTimeout(this.#waking);
    while (this.closeIdle());
    if (this.#total === 0) return;
    await new Promise<void>((resolve) => {
      this.#whenEmpty = resolve;
    });
  }

  #lend(connection: PooledConnection, share: TenantShare<Waiter>, at: number, waitedMs: number): Lease {
    const lease = new Lease(connection, share, this, at, waitedMs);
    connection.lease = lease;
    return lease;
  }

  /** A connection that nobody uses does not keep a program from ending. */
  #keep(connection: PooledConnection): void {
    connection.client.unref();
    this.#idle.push(connection);
  }

  #takeIdle(): PooledConnection | undefined {
    const connection = this.#idle.pop();
    connection?.client.ref();
    if (connection && isCold(connection)) this.#wokenAt = now();
    if (this.#idle.length === 0) this.options.budget.noteIdle(this, false);
    return connection;
  }

  #mayStart(share: TenantShare<Waiter>, idle: number): boolean {
    if (idle <= this.#reserve && share.inFlight >= this.#share) return false;
    if (idle <= this.#needed && share.inFlight >= Math.max(1, this.#share) && isLong(share)) return false;
    return share.inFlight < AWAKE || !this.#mustSleep(share);
  }

  /** Whether the session that is next is better left alone for a moment; after it, who waits is looked after. */
  #mustSleep({ queue, head }: TenantShare<Waiter>): boolean {
    const next = this.#idle.at(-1);
    const at = now();
    const left = WAKE_EVERY_MS - (at - this.#wokenAt);
    const waited = at - (queue[head]?.enqueuedAt ?? at);
    if (!next || left <= 0 || waited > WAKE_AFTER_MS || !isCold(next)) return false;
    this.#waking ??= setTimeout(() => {
      this.#waking = undefined;
      this.#pump();
    }, left);
    return true;
  }

  #recount(at: number): void {
    this.#countedAt = at;
    const { tenants: active, short } = this.#queue.activitySince(at - ACTIVE_MS);
    this.#needed = active > 1 ? Math.max(2 * short + 1, this.#needed * FADING) : 0;
    this.#reserve = active > 1 ? Math.floor(this.#total * RESERVED) : 0;
    this.#share = this.#total / Math.max(1, active);
  }

  #pump(): void {
    while (this.#queue.runnable && this.#idle.length > 0) {
      const due = this.#queue.next((share) => this.#mayStart(share, this.#idle.length));
      if (!due) break;
      const at = now();
      const connection = this.#takeIdle() as PooledConnection;
      due.waiting.resolve(this.#lend(connection, due.share, at, at - due.waiting.enqueuedAt));
    }
    if (this.#queue.runnable && !this.#waking) this.#grow();
    if (this.#idle.length > 0 && this.#queue.waiting === 0) this.options.budget.noteIdle(this, true);
  }

  /** Beside idle connections that are kept for others, only what nobody else wants is opened. */
  #grow(): void {
    const { budget, max = Number.MAX_SAFE_INTEGER } = this.options;
    const wanted = this.#queue.startable(this.#queue.waiting);
    while (this.#opening < wanted && this.#total < max) {
      if ((this.#idle.length > 0 && !budget.spare) || !budget.take(this)) return;
      void this.#open();
    }
  }

  async #open(): Promise<void> {
    this.#total += 1;
    this.#opening += 1;
    const generation = this.#generation;
    try {
      const client = await this.options.connect();
      const connection = new PooledConnection(client, generation, now());
      this.options.deadlines.add(connection);
      client.on('error', () => {});
      client.on('end', () => this.#ended(connection));
      this.#opening -= 1;
      if (this.#closed || generation !== this.#generation) this.#discard(connection);
      else this.#keep(connection);
    } catch (error) {
      this.#opening -= 1;
      this.#total -= 1;
      this.options.budget.withdraw(this);
      this.options.budget.closing();
      // With no connection left to wait for, those who wait learn why.
      if (this.#total === 0) this.#rejectWaiting(error);
      this.options.budget.give(this);
      if (this.#total === 0) this.#whenEmpty?.();
      return;
    }
    this.#pump();
  }

  #discard(connection: PooledConnection): void {
    this.options.budget.closing();
    this.options.deadlines.delete(connection);
    if (connection.ended) {
      this.#gone();
      return;
    }
    connection.ended = true;
    const { client } = connection;
    client.ref();
    // A server that does not answer any more would keep the connection, and so the budget, for ever.
    const late = setTimeout(() => client.connection.stream.destroy(), CLOSING_MS);
    client.once('end', () => {
      clearTimeout(late);
      this.#gone();
    });
    client.end().catch(() => {});
  }

  /** The server or the network ended a connection; one on lease is discarded when it comes back. */
  #ended(connection: PooledConnection): void {
    if (connection.ended) return;
    connection.ended = true;
    const index = this.#idle.indexOf(connection);
    if (index < 0) return;
    this.#idle.splice(index, 1);
    if (this.#idle.length === 0) this.options.budget.noteIdle(this, false);
    this.#discard(connection);
  }

  #gone(): void {
    this.#total -= 1;
    this.options.budget.give(this);
    if (this.#total === 0) this.#whenEmpty?.();
    if (this.#queue.waiting > 0 && !this.#closed) this.#pump();
  }

  #rejectWaiting(error: unknown): void {
    for (const { waiting } of this.#queue.drain()) waiting.reject(error);
    this.options.budget.withdraw(this);
  }

  #tooLate(share: TenantShare<Waiter>, limits: PoolLimits): DataSourceError {
    const waited = `no connection within ${limits.queueTimeoutMs} ms`;
    if (share.inFlight >= limits.max) return busyTenant(waited);
    return new DataSourceError(
      'data_source_busy',
      `The database of ${this.options.name} is busy: ${waited}.`,
      {
        hint: 'Retry later; if it stays so, raise the budget of the server or move tenants off it.',
        retryAfterSeconds: 1,
      },
    );
  }
}

function isCold({ idleSince }: PooledConnection): boolean {
  return now() - idleSince > COLD_MS;
}

function busyTenant(why: string): DataSourceError {
  return new DataSourceError('tenant_busy', `The tenant has reached its connection limits: ${why}.`, {
    hint: 'Send fewer requests at once, or raise max and queue in connection_pool_config.',
    retryAfterSeconds: 1,
  });
}
