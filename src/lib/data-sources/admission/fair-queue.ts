// Weighted start-time fair queueing between tenants. Each tenant has a virtual clock. It advances by the time that the tenant's
// statements took on the database, divided by the tenant's weight. The tenant with the lowest clock goes next.
import { LONG_STATEMENT_MS } from './constants';
import type { PoolLimits } from './pool-config';

/** A waiting statement. */
export interface Waiting {
  /** True once the statement has been started or given up. */
  settled: boolean;
  readonly enqueuedAt: number;
}

/** The state of a tenant that has statements waiting or in flight. */
export interface TenantShare<W extends Waiting> {
  readonly id: string;
  limits: PoolLimits;
  inFlight: number;
  /** When one of its statements last ended, ms. */
  activeAt: number;
  waiting: number;
  /** Virtual time at which the tenant's next statement starts, ms divided by weight. */
  clock: number;
  /** Virtual time that is still to be added, because statements took longer than estimated. */
  debt: number;
  /** Average duration of the tenant's statements, ms. */
  estimateMs: number;
  /** Whether `estimateMs` was measured on statements that have ended. */
  measured: boolean;
  queue: W[];
  head: number;
  queued: boolean;
}

const INITIAL_ESTIMATE_MS = 1;
/** The weight of the latest statement in the estimate. */
const SMOOTHING = 0.2;

/** Whether a tenant's statements take long. True as long as this is unknown. */
export function isLong({ measured, estimateMs }: TenantShare<Waiting>): boolean {
  return !measured || estimateMs > LONG_STATEMENT_MS;
}

export interface Activity {
  /** Number of tenants with statements in flight, waiting, or ended recently. */
  tenants: number;
  /** The sum of their weights. */
  weights: number;
  /** Number of statements in flight of tenants whose statements are short. */
  short: number;
}

export class FairQueue<W extends Waiting> {
  readonly #tenants = new Map<string, TenantShare<W>>();
  /** A binary heap by `clock` of the tenants that have statements waiting and fewer than `max` in flight. */
  readonly #runnable: TenantShare<W>[] = [];
  #now = 0;
  #waiting = 0;

  /** Number of waiting statements of all tenants. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Whether `next` could return a statement. */
  get runnable(): boolean {
    this.#payDebts();
    return this.#runnable.length > 0;
  }

  /** How many statements could start now, counted up to `enough`. */
  startable(enough: number): number {
    let count = 0;
    for (const share of this.#runnable) {
      count += Math.min(share.waiting, share.limits.max - share.inFlight);
      if (count >= enough) return enough;
    }
    return count;
  }

  tenant(id: string, limits: PoolLimits): TenantShare<W> {
    let share = this.#tenants.get(id);
    if (!share) {
      share = {
        id,
        limits,
        inFlight: 0,
        activeAt: 0,
        waiting: 0,
        clock: this.#now,
        debt: 0,
        estimateMs: INITIAL_ESTIMATE_MS,
        measured: false,
        queue: [],
        head: 0,
        queued: false,
      };
      this.#tenants.set(id, share);
    } else if (share.limits !== limits) {
      share.limits = limits;
      this.#enter(share);
    }
    return share;
  }

  push(share: TenantShare<W>, waiting: W): void {
    share.queue.push(waiting);
    share.waiting += 1;
    this.#waiting += 1;
    this.#enter(share);
  }

  /** Removes a statement from the queue. Does nothing if it has been started or given up. */
  cancel(share: TenantShare<W>, waiting: W): void {
    if (waiting.settled) return;
    waiting.settled = true;
    share.waiting -= 1;
    this.#waiting -= 1;
    dropSettled(share);
    // A tenant without waiting statements must not be in the heap, since its clock changes when it starts statements.
    if (share.waiting === 0 && share.queued) this.#remove(this.#runnable.indexOf(share));
  }

  /**
   * Starts the next statement of the tenants for which `may` returns true.
   *
   * @returns undefined if there is none
   */
  next(may: (share: TenantShare<W>) => boolean): { share: TenantShare<W>; waiting: W } | undefined {
    this.#payDebts();
    const passedOver: TenantShare<W>[] = [];
    let share = this.#pop();
    while (share && !may(share)) {
      passedOver.push(share);
      this.#payDebts();
      share = this.#pop();
    }
    for (const later of passedOver) this.#enter(later);
    if (!share) return undefined;
    const waiting = share.queue[share.head] as W;
    waiting.settled = true;
    share.head += 1;
    share.waiting -= 1;
    this.#waiting -= 1;
    dropSettled(share);
    this.start(share);
    this.#enter(share);
    return { share, waiting };
  }

  /** Counts the tenants that were active since `then`, ms, and forgets the others. */
  activitySince(then: number): Activity {
    const activity = { tenants: 0, weights: 0, short: 0 };
    for (const [id, share] of this.#tenants) {
      if (share.inFlight > 0 || share.waiting > 0 || share.activeAt >= then) {
        activity.tenants += 1;
        activity.weights += share.limits.weight;
        if (!isLong(share)) activity.short += share.inFlight;
      } else this.#tenants.delete(id);
    }
    return activity;
  }

  /** Counts a statement that did not have to wait as in flight. */
  start(share: TenantShare<W>): void {
    share.inFlight += 1;
    this.#now = Math.max(share.clock + share.debt, this.#now);
    share.clock = this.#now + share.estimateMs / share.limits.weight;
    share.debt = 0;
  }

  /** Corrects the tenant's clock by the time that a statement actually took. */
  finish(share: TenantShare<W>, tookMs: number, at: number): void {
    share.inFlight -= 1;
    share.activeAt = at;
    share.debt += (tookMs - share.estimateMs) / share.limits.weight;
    share.estimateMs += (tookMs - share.estimateMs) * (share.measured ? SMOOTHING : 1);
    share.measured = true;
    if (share.waiting > 0) this.#enter(share);
  }

  /** Removes and returns all waiting statements. */
  drain(): { share: TenantShare<W>; waiting: W }[] {
    const drained: { share: TenantShare<W>; waiting: W }[] = [];
    for (const share of this.#tenants.values()) {
      for (const waiting of share.queue.slice(share.head)) {
        if (waiting.settled) continue;
        waiting.settled = true;
        drained.push({ share, waiting });
      }
      Object.assign(share, { queue: [], head: 0, waiting: 0, queued: false });
    }
    this.#runnable.length = 0;
    this.#waiting = 0;
    return drained;
  }

  #enter(share: TenantShare<W>): void {
    if (share.queued || share.waiting === 0 || share.inFlight >= share.limits.max) return;
    share.clock = Math.max(share.clock, this.#now);
    share.queued = true;
    this.#runnable.push(share);
    this.#up(this.#runnable.length - 1);
  }

  /** Adds debts to the clocks, before tenants are compared. */
  #payDebts(): void {
    for (let first = this.#runnable[0]; first; first = this.#runnable[0]) {
      if (first.waiting > 0 && first.inFlight < first.limits.max && first.debt <= 0) return;
      this.#remove(0);
      first.clock += Math.max(0, first.debt);
      first.debt = Math.min(0, first.debt);
      this.#enter(first);
    }
  }

  #pop(): TenantShare<W> | undefined {
    return this.#runnable.length > 0 ? this.#remove(0) : undefined;
  }

  #remove(index: number): TenantShare<W> {
    const heap = this.#runnable;
    const removed = heap[index] as TenantShare<W>;
    const last = heap.pop() as TenantShare<W>;
    if (last !== removed) {
      heap[index] = last;
      this.#down(index);
      this.#up(index);
    }
    removed.queued = false;
    return removed;
  }

  #up(start: number): void {
    const heap = this.#runnable;
    const moved = heap[start] as TenantShare<W>;
    let index = start;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex] as TenantShare<W>;
      if (parent.clock <= moved.clock) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = moved;
  }

  #down(start: number): void {
    const heap = this.#runnable;
    const moved = heap[start] as TenantShare<W>;
    let index = start;
    for (;;) {
      let childIndex = 2 * index + 1;
      const left = heap[childIndex];
      if (!left) break;
      const right = heap[childIndex + 1];
      if (right && right.clock < left.clock) childIndex += 1;
      const child = heap[childIndex] as TenantShare<W>;
      if (child.clock >= moved.clock) break;
      heap[index] = child;
      index = childIndex;
    }
    heap[index] = moved;
  }
}

function dropSettled<W extends Waiting>(share: TenantShare<W>): void {
  while (share.queue[share.head]?.settled) share.head += 1;
  if (share.head === share.queue.length) {
    share.queue = [];
    share.head = 0;
  } else if (share.head > 256 && share.head * 2 > share.queue.length) {
    share.queue = share.queue.slice(share.head);
    share.head = 0;
  }
}
