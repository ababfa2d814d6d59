import { DataSourceError } from '../errors';
import type { CircuitBreaker } from './circuit-breaker';
import type { BudgetMember, ConnectionBudget } from './connection-budget';
import { COLD_AFTER_MS, LOOK_AGAIN_MS, WARMING_AT_LEAST, WARMING_MS, WARMING_PART } from './constants';
import { DecayingCount } from './decaying-count';
import { FairQueue, type TenantShare } from './fair-queue';
import { InFlight } from './in-flight';
import type { PoolLimits } from './pool-config';
import type { Effects, Session, Waiter } from './session';
import { Shares } from './shares';

export interface AdmissionOptions<S> {
  /** The data source, as errors name it. */
  name: string;
  /** The server's ceiling in this process. */
  budget: ConnectionBudget;
  breaker: CircuitBreaker;
  effects: Effects<S>;
  /** The source's own ceiling in this process. Default: the budget's. */
  max?: number;
  /** Clock, ms. */
  now?: () => number;
}

/**
 * Decides when a statement of tenant T may run on source S. One object for each source; it holds no socket and no timer.
 *
 * A new statement meets these checks, in this order. The first that applies decides.
 *
 * | check | decision |
 * | --- | --- |
 * | 1. T's fence is known to be closed (`ClosedFences`; the router checks this, since T may have another source afterwards) | waits for the probe; `tenant_moving` after `moveWaitMs` |
 * | 2. the pool is closed | refused: `manager_closed` |
 * | 3. other statements wait | queued: a new statement does not overtake them |
 * | 4. T has `max` statements in flight | queued |
 * | 5. reserve: T has its share of the sessions (by weight) in flight, other tenants are active, and 3/8 of the sessions or fewer are idle | queued |
 * | 6. long statements: T has its share in flight, its statements are long, and the idle sessions are needed for peaks of short ones | queued |
 * | 7. warm-up: T has a statement in flight, the idle session is cold, and as many sessions warm up as may | queued |
 * | 8. a session is idle | admitted |
 * | 9. no session is open, and the circuit breaker is | refused: `data_source_circuit_open`, `data_source_authentication_refused` |
 * | 10. `queue` statements of T wait | refused: `tenant_busy` |
 * | 11. otherwise | queued |
 *
 * Queued statements start in the order of weighted fair queueing (`FairQueue`) when sessions become free. Tenants that are held by checks
 * 4 to 7 are skipped. If a tenant could start but no session is idle, the server's budget is asked for one more connection
 * (`ConnectionBudget`), for as many at once as may warm up.
 *
 * A queued statement is refused after `queueTimeoutMs` (`tenant_busy` or `data_source_busy`). If a session could not be opened and there
 * is no other, it is refused with the cause of that.
 */
export class Admission<S extends Session> implements BudgetMember {
  /** Idle sessions. The last one was used most recently, and is used next. */
  readonly #idle: S[] = [];
  readonly #queue = new FairQueue<Waiter<S>>();
  readonly #shares = new Shares(this.#queue);
  /**
   * Sessions that are being opened or run their first statement. Each has to plan its statements again, which takes processor time of
   * the server. So only a few do so at a time; when one is done, the next begins.
   */
  readonly #warmUp = new InFlight(WARMING_MS);
  readonly #usage = new DecayingCount();
  readonly #now: () => number;
  #total = 0;
  #opening = 0;
  #shut = false;
  /** Sessions that became idle before this are cold. */
  #warmFrom = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: AdmissionOptions<S>) {
    this.#now = options.now ?? (() => performance.now());
  }

  get total(): number {
    return this.#total;
  }

  get statistics() {
    const idle = this.#idle.length;
    const inUse = this.#total - this.#opening - idle;
    return { total: this.#total, idle, inUse, waiting: this.#queue.waiting };
  }

  get idleSince(): number {
    return this.#idle[0]?.idleSince ?? Number.POSITIVE_INFINITY;
  }

  /** The state of a tenant, for the methods below. */
  tenant(id: string, limits: PoolLimits): TenantShare<Waiter<S>> {
    return this.#queue.tenant(id, limits);
  }

  /** Checks 2 to 8. @returns a session if the statement is admitted at once, as nearly every statement is */
  admit(share: TenantShare<Waiter<S>>, at: number): S | undefined {
    if (this.#idle.length === 0 || this.#queue.waiting > 0) return undefined;
    if (share.inFlight >= share.limits.max || !this.#mayStart(share, at)) return undefined;
    this.#queue.start(share);
    return this.#takeIdle(at);
  }

  /**
   * Checks 2 and 9 to 11, for a statement that is not admitted at once.
   *
   * @throws DataSourceError `manager_closed`, `data_source_circuit_open`, `data_source_authentication_refused`, `tenant_busy`
   */
  enqueue(share: TenantShare<Waiter<S>>, waiter: Waiter<S>): void {
    if (this.#shut) throw this.#closedError();
    if (this.#total === 0) this.options.breaker.refuseWhileOpen();
    if (share.waiting >= share.limits.queue) throw busyTenant(`${share.waiting} statements are queued`);
    this.#queue.push(share, waiter);
    this.#startQueued();
  }

  /** Removes a queued statement. */
  cancel(share: TenantShare<Waiter<S>>, waiter: Waiter<S>): void {
    this.#queue.cancel(share, waiter);
    if (this.#queue.waiting === 0) this.options.budget.withdraw(this);
  }

  /** The error of a statement that has waited for `queueTimeoutMs`. */
  timeout({ inFlight, limits }: TenantShare<Waiter<S>>): DataSourceError {
    const waited = `no connection within ${limits.queueTimeoutMs} ms`;
    if (inFlight >= limits.max) return busyTenant(waited);
    return new DataSourceError(
      'data_source_busy',
      `The database of ${this.options.name} is busy: ${waited}.`,
      {
        hint: 'Retry later. If it stays busy, raise the connection budget of the server or move tenants off it.',
        retryAfterSeconds: 1,
      },
    );
  }

  /**
   * A statement is done, and its session is free.
   *
   * @param usable false if the session has to be closed
   */
  finished(share: TenantShare<Waiter<S>>, session: S, tookMs: number, usable: boolean): void {
    const at = this.#now();
    const { budget } = this.options;
    this.#queue.finish(share, tookMs, at);
    if (this.#warmUp.some) this.#warmUp.done(session);
    session.used = true;
    this.#shares.recount(this.#total, at);
    const isOver = !usable || this.#shut || at > (session.retiresAt ?? Number.POSITIVE_INFINITY);
    if (isOver || budget.mustYield(this, session.heldSince, at)) {
      this.#close(session);
    } else {
      this.#keep(session, at);
    }
    if (this.#queue.waiting > 0) this.#startQueued();
  }

  opened(attempt: object, session: S, usable: boolean): void {
    this.#warmUp.done(attempt);
    this.#opening -= 1;
    if (usable && !this.#shut) this.#keep(session, this.#now());
    else this.#close(session);
    this.#startQueued();
    this.options.budget.opened(attempt);
  }

  openFailed(attempt: object, error: unknown): void {
    const { budget } = this.options;
    this.#warmUp.done(attempt);
    this.#opening -= 1;
    this.#total -= 1;
    budget.withdraw(this);
    budget.closing();
    if (this.#total === 0) this.#refuseQueued(error);
    budget.opened(attempt);
    budget.give(this);
  }

  /** The server or the network ended a session. @returns whether it was idle; it is then being closed */
  lost(session: S): boolean {
    const index = this.#idle.indexOf(session);
    if (index < 0) return false;
    this.#idle.splice(index, 1);
    if (this.#idle.length === 0) this.options.budget.noteIdle(this, false);
    this.#close(session);
    return true;
  }

  closed(): void {
    this.#total -= 1;
    this.options.budget.give(this);
    if (this.#queue.waiting > 0) this.#startQueued();
  }

  /** Called while statements wait and no session has become free for a while. */
  lookAgain(): void {
    const at = this.#now();
    this.#shares.recount(this.#total, at);
    if (this.#queue.waiting > 0) this.#startQueued();
  }

  /** Marks all sessions as cold: tables have changed, or a tenant has arrived with a move, so each has to plan its statements again. */
  cool(): void {
    this.#warmFrom = this.#now();
  }

  usagePerConnection(at: number): number {
    return this.#usage.of(at) / this.#total;
  }

  grant(attempt: object): boolean {
    if (this.#shut || this.#opening >= this.#queue.startable(this.#opening + 1)) return false;
    this.#open(attempt, this.#now());
    return true;
  }

  closeIdle(): boolean {
    const session = this.#idle.shift();
    if (!session) return false;
    if (this.#idle.length === 0) this.options.budget.noteIdle(this, false);
    this.#close(session);
    return true;
  }

  /** Refuses waiting and new statements, and closes sessions: idle ones now, the others when their statement ends. */
  shut(): void {
    this.#shut = true;
    this.#refuseQueued(this.#closedError());
    while (this.closeIdle());
  }

  #mayStart(share: TenantShare<Waiter<S>>, at: number): boolean {
    const idle = this.#idle.length;
    if (this.#shares.keep(share, idle)) return false;
    return share.inFlight === 0 || !this.#isCold(this.#idle[idle - 1] as S, at) || this.#mayWarmUp(at) > 0;
  }

  #isCold({ used, idleSince }: S, at: number): boolean {
    return !used || at - idleSince > COLD_AFTER_MS || idleSince < this.#warmFrom;
  }

  /** How many more sessions may begin to warm up. */
  #mayWarmUp(at: number): number {
    const warming = this.#warmUp.count(at);
    const warm = this.#total - this.#idle.length - warming;
    return Math.max(WARMING_AT_LEAST, Math.floor(warm * WARMING_PART)) - warming;
  }

  #takeIdle(at: number): S {
    const session = this.#idle.pop() as S;
    this.#usage.add(at);
    if (this.#isCold(session, at)) this.#warmUp.start(session, at);
    if (this.#idle.length === 0) this.options.budget.noteIdle(this, false);
    return session;
  }

  #keep(session: S, at: number): void {
    session.idleSince = at;
    this.#idle.push(session);
    if (this.#queue.waiting === 0) this.options.budget.noteIdle(this, true);
  }

  #startQueued(): void {
    const at = this.#now();
    while (this.#idle.length > 0) {
      const due = this.#queue.next((share) => this.#mayStart(share, at));
      if (!due) break;
      due.waiting.admit(this.#takeIdle(at), at - due.waiting.enqueuedAt);
    }
    if (this.#queue.runnable) {
      this.#grow(at);
      this.options.effects.lookAgainIn(LOOK_AGAIN_MS);
    }
    if (this.#idle.length > 0 && this.#queue.waiting === 0) this.options.budget.noteIdle(this, true);
  }

  /** Opens sessions. If there are idle sessions (kept for other tenants), one is opened only if no other database wants it. */
  #grow(at: number): void {
    const { budget, max = Number.MAX_SAFE_INTEGER } = this.options;
    const wanted = this.#queue.startable(this.#queue.waiting);
    while (this.#opening < wanted && this.#total < max && this.#mayWarmUp(at) > 0) {
      const attempt = {};
      if ((this.#idle.length > 0 && !budget.spare) || !budget.take(this, attempt)) return;
      this.#open(attempt, at);
    }
  }

  #open(attempt: object, at: number): void {
    this.#total += 1;
    this.#opening += 1;
    this.#warmUp.start(attempt, at);
    this.options.effects.open(attempt);
  }

  #close(session: S): void {
    this.#warmUp.done(session);
    this.options.budget.closing();
    this.options.effects.close(session);
  }

  #refuseQueued(error: unknown): void {
    for (const { waiting } of this.#queue.drain()) waiting.refuse(error);
    this.options.budget.withdraw(this);
  }

  #closedError(): DataSourceError {
    return new DataSourceError('manager_closed', `The pool of ${this.options.name} is closed.`);
  }
}

function busyTenant(why: string): DataSourceError {
  return new DataSourceError('tenant_busy', `The tenant has reached its connection limits: ${why}.`, {
    hint: 'Send fewer requests at once, or raise max and queue in connection_pool_config.',
    retryAfterSeconds: 1,
  });
}
