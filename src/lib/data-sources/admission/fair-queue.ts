// Weighted start-time fair queueing between tenants. Each tenant has a virtual clock that advances by the time its
// work took on the database, divided by its weight; the tenant whose clock stands lowest goes next.
import type { PoolLimits } from './pool-config';

/** One request that waits. */
export interface Waiting {
  /** Set by whoever gave up waiting; the queue then skips it. */
  cancelled: boolean;
  enqueuedAt: number;
}

/** What the queue knows of a tenant with work waiting or in flight. */
export interface TenantShare<W extends Waiting> {
  readonly id: string;
  limits: PoolLimits;
  inFlight: number;
  /** When it last had something in flight, ms. */
  activeAt: number;
  waiting: number;
  /** Virtual time at which the tenant's next request starts, ms divided by weight. */
  clock: number;
  /** Virtual time still to be added for work that took longer than estimated. */
  debt: number;
  estimateMs: number;
  /** Whether the estimate comes from work that is done. */
  measured: boolean;
  queue: W[];
  head: number;
  queued: boolean;
}

const INITIAL_ESTIMATE_MS = 1;
const SMOOTHING = 0.2;
const LONG_MS = 50;

/** Whether a tenant keeps what it takes for long, as far as is known. */
export function isLong({ measured, estimateMs }: TenantShare<Waiting>): boolean {
  return !measured || estimateMs > LONG_MS;
}

/** What goes on in a queue. */
export interface Activity {
  /** Tenants with something in flight or waiting, or lately. */
  tenants: number;
  /** Requests in flight of tenants whose work is short. */
  short: number;
}

export class FairQueue<W extends Waiting> {
  readonly #tenants = new Map<string, TenantShare<W>>();
  /** A binary heap by `clock` of the tenants that have work waiting and may start it. */
  readonly #runnable: TenantShare<W>[] = [];
  #now = 0;
  #waiting = 0;

  /** Requests that wait, of all tenants. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Whether `next` would answer with a request. */
  get runnable(): boolean {
    this.#dropCancelledHeads();
    return this.#runnable.length > 0;
  }

  /** How many requests might start at once, counted up to `enough`. */
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

  /** Gives up waiting. */
  cancel(share: TenantShare<W>, waiting: W): void {
    if (waiting.cancelled) return;
    waiting.cancelled = true;
    share.waiting -= 1;
    this.#waiting -= 1;
    dropCancelled(share);
  }

  /**
   * The request that is due among the tenants that `may` start one, counted as in flight; undefined when there is none.
   */
  next(may: (share: TenantShare<W>) => boolean): { share: TenantShare<W>; waiting: W } | undefined {
    this.#dropCancelledHeads();
    const passedOver: TenantShare<W>[] = [];
    let share = this.#pop();
    while (share && !may(share)) {
      passedOver.push(share);
      this.#dropCancelledHeads();
      share = this.#pop();
    }
    for (const later of passedOver) this.#enter(later);
    if (!share) return undefined;
    const waiting = share.queue[share.head] as W;
    share.head += 1;
    share.waiting -= 1;
    this.#waiting -= 1;
    dropCancelled(share);
    this.start(share);
    this.#enter(share);
    return { share, waiting };
  }

  /** What goes on since then, ms; tenants that have done nothing are forgotten, so that memory follows the work. */
  activitySince(then: number): Activity {
    const activity = { tenants: 0, short: 0 };
    for (const [id, share] of this.#tenants) {
      if (share.inFlight > 0 || share.waiting > 0 || share.activeAt >= then) {
        activity.tenants += 1;
        if (!isLong(share)) activity.short += share.inFlight;
      } else this.#tenants.delete(id);
    }
    return activity;
  }

  /** Counts a request as in flight; for one that need not wait. */
  start(share: TenantShare<W>): void {
    share.inFlight += 1;
    this.#now = Math.max(share.clock + share.debt, this.#now);
    share.clock = this.#now + share.estimateMs / share.limits.weight;
    share.debt = 0;
  }

  /** Corrects the tenant's clock by what the work really took. */
  finish(share: TenantShare<W>, tookMs: number, at: number): void {
    share.inFlight -= 1;
    share.activeAt = at;
    share.debt += (tookMs - share.estimateMs) / share.limits.weight;
    share.estimateMs += (tookMs - share.estimateMs) * (share.measured ? SMOOTHING : 1);
    share.measured = true;
    if (share.waiting > 0) this.#enter(share);
  }

  /** Everything that waits, taken out: the pool has failed or closes. */
  drain(): { share: TenantShare<W>; waiting: W }[] {
    const drained: { share: TenantShare<W>; waiting: W }[] = [];
    for (const share of this.#tenants.values()) {
      for (const waiting of share.queue.slice(share.head)) {
        if (!waiting.cancelled) drained.push({ share, waiting });
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

  #dropCancelledHeads(): void {
    for (let first = this.#runnable[0]; first; first = this.#runnable[0]) {
      if (first.waiting > 0 && first.inFlight < first.limits.max && first.debt <= 0) return;
      this.#remove();
      // A debt is paid before the tenant is compared with the others again.
      first.clock += Math.max(0, first.debt);
      first.debt = Math.min(0, first.debt);
      this.#enter(first);
    }
  }

  #pop(): TenantShare<W> | undefined {
    return this.#runnable.length > 0 ? this.#remove() : undefined;
  }

  #remove(): TenantShare<W> {
    const heap = this.#runnable;
    const first = heap[0] as TenantShare<W>;
    const last = heap.pop() as TenantShare<W>;
    if (heap.length > 0) {
      heap[0] = last;
      this.#down(0);
    }
    first.queued = false;
    return first;
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

function dropCancelled<W extends Waiting>(share: TenantShare<W>): void {
  while (share.queue[share.head]?.cancelled) share.head += 1;
  if (share.head === share.queue.length) {
    share.queue = [];
    share.head = 0;
  } else if (share.head > 256 && share.head * 2 > share.queue.length) {
    share.queue = share.queue.slice(share.head);
    share.head = 0;
  }
}
