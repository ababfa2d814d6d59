import { setTimeout as sleep } from 'node:timers/promises';
import { Backoff } from '@/lib/time';
import { DataSourceError, isStaleRoute } from '../errors';
import {
  BYTES_OF_A_STATEMENT,
  FIRST_PROBE_PAUSE_MS,
  LONGEST_PROBE_PAUSE_MS,
  PROBE_PASSED_MS,
  WAITING_BYTES,
} from './constants';

/** Time, as a test may replace it. */
export interface Clock {
  /** ms */
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

const CLOCK: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }),
};

export interface WaitOptions {
  /** When the wait ends, ms of the clock. */
  until: number;
  /** What the statement keeps in memory while it waits, bytes. */
  bytes: number;
  /** The tenant's statements that may be in flight at once. */
  max: number;
  signal?: AbortSignal | undefined;
}

interface WaitingStatement {
  readonly bytes: number;
  readonly max: number;
  /** Ends the wait: as the probe, as one that goes on, or because the fence is not known to be closed any more. */
  release(as: Probe | Passage | undefined): void;
}

interface ClosedFence {
  /** Undefined once the fence is open, while the statements that waited go on. */
  probe: Probe | undefined;
  /** The first came first. */
  readonly waiting: Set<WaitingStatement>;
  waitingBytes: number;
  /** Statements that waited and are not done. */
  passing: number;
}

/**
 * Tenants whose fence this process has met closed: they are being moved. One statement of each, the probe, is tried again and again. The
 * others wait until it has passed the fence. Then they go on in the order in which they came, at most `max` at once: all together
 * would be more than the tenant's queue at the source takes. Statements that come meanwhile wait behind them.
 * Where the probe is given up, the statement that has waited for longest is the next probe.
 *
 * What may wait is bounded by time and by bytes, not by a number: a busy tenant sends more statements in a pause than any small number.
 */
export class ClosedFences {
  readonly #fences = new Map<string, ClosedFence>();

  constructor(private readonly clock: Clock = CLOCK) {}

  /** Whether the tenant's statements have to wait. */
  has(tenantId: string): boolean {
    return this.#fences.has(tenantId);
  }

  /**
   * Waits while the tenant's fence is known to be closed.
   *
   * @returns what the statement holds until it is done, and ends then: the probe, where it is the next one, or its passage;
   *   undefined where nothing waits
   * @throws DataSourceError `tenant_moving` at `until`, `tenant_busy` where too many bytes wait; the signal's reason
   */
  async wait(
    tenantId: string,
    { until, bytes, max, signal }: WaitOptions,
  ): Promise<Probe | Passage | undefined> {
    const fence = this.#fences.get(tenantId);
    if (!fence) return undefined;
    signal?.throwIfAborted();
    const kept = bytes + BYTES_OF_A_STATEMENT;
    if (fence.waitingBytes + kept > WAITING_BYTES) throw busy(tenantId);
    const { promise, resolve } = Promise.withResolvers<Probe | Passage | undefined>();
    const statement = { bytes: kept, max, release: resolve };
    fence.waiting.add(statement);
    fence.waitingBytes += kept;
    this.#letPass(tenantId, fence);
    const over = new AbortController();
    const late = this.clock.sleep(
      Math.max(0, until - this.clock.now()),
      AbortSignal.any(signal ? [over.signal, signal] : [over.signal]),
    );
    late.catch(() => {});
    try {
      return await Promise.race([
        promise,
        late.then(() => {
          throw tenantMoving(tenantId);
        }),
      ]);
    } catch (error) {
      // It may have been released as it gave up.
      if (!remove(fence, statement)) (await promise)?.end();
      throw signal?.aborted ? signal.reason : error;
    } finally {
      over.abort();
    }
  }

  /** A statement has met the fence closed. @returns the probe, where it is the one; undefined where there is one already */
  close(tenantId: string): Probe | undefined {
    const known = this.#fences.get(tenantId);
    if (known?.probe) return undefined;
    const fence = known ?? { probe: undefined, waiting: new Set(), waitingBytes: 0, passing: 0 };
    this.#fences.set(tenantId, fence);
    fence.probe = this.#newProbe(tenantId, fence);
    return fence.probe;
  }

  /** The tenant's route has changed: the fence may be open. */
  routeChanged(tenantId: string): void {
    this.#fences.get(tenantId)?.probe?.tryNow();
  }

  #newProbe(tenantId: string, fence: ClosedFence): Probe {
    return new Probe(this.clock, (passed) => this.#ended(tenantId, fence, passed));
  }

  #ended(tenantId: string, fence: ClosedFence, passed: boolean): void {
    const [next] = fence.waiting;
    if (passed || !next) {
      fence.probe = undefined;
      this.#letPass(tenantId, fence);
      return;
    }
    remove(fence, next);
    fence.probe = this.#newProbe(tenantId, fence);
    next.release(fence.probe);
  }

  #letPass(tenantId: string, fence: ClosedFence): void {
    if (fence.probe) return;
    for (const next of fence.waiting) {
      if (fence.passing >= next.max) return;
      remove(fence, next);
      fence.passing += 1;
      next.release(
        new Passage(() => {
          fence.passing -= 1;
          this.#letPass(tenantId, fence);
        }),
      );
    }
    if (this.#fences.get(tenantId) === fence) this.#fences.delete(tenantId);
  }
}

function remove(fence: ClosedFence, statement: WaitingStatement): boolean {
  const was = fence.waiting.delete(statement);
  if (was) fence.waitingBytes -= statement.bytes;
  return was;
}

/** A statement that waited and goes on. */
export class Passage {
  #ended = false;

  constructor(private readonly onEnd: () => void) {}

  /** It is done, or waits again: the next may go on. A second call does nothing. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.onEnd();
  }
}

/** The statement that is tried until it passes the fence. */
export class Probe {
  readonly #backoff = new Backoff(FIRST_PROBE_PAUSE_MS, LONGEST_PROBE_PAUSE_MS);
  #wake: () => void = () => {};
  #ended = false;

  constructor(
    private readonly clock: Clock,
    private readonly onEnd: (passed: boolean) => void,
  ) {}

  get ended(): boolean {
    return this.#ended;
  }

  /** Before the next attempt: longer each time, and over at once when the route changes. */
  async pause(signal?: AbortSignal): Promise<void> {
    const { promise: woken, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const over = new AbortController();
    const paused = this.clock.sleep(
      this.#backoff.next(),
      AbortSignal.any(signal ? [over.signal, signal] : [over.signal]),
    );
    paused.catch(() => {});
    try {
      await Promise.race([paused, woken]);
    } catch (error) {
      throw signal?.aborted ? signal.reason : error;
    } finally {
      over.abort();
    }
  }

  tryNow(): void {
    this.#backoff.reset();
    this.#wake();
  }

  /**
   * Awaits an attempt, and releases the statements that wait once it has passed the fence: it was answered, or not refused for a while.
   *
   * @param onPass called before they are released
   */
  async watch<T>(attempt: Promise<T>, onPass: () => void): Promise<T> {
    const over = new AbortController();
    const pass = () => {
      if (!this.#ended) onPass();
      this.#end(true);
    };
    this.clock.sleep(PROBE_PASSED_MS, over.signal).then(pass, () => {});
    try {
      const answer = await attempt;
      pass();
      return answer;
    } catch (error) {
      if (!isStaleRoute(error)) pass();
      throw error;
    } finally {
      over.abort();
    }
  }

  /** It is given up: another statement is the probe. A second call does nothing. */
  end(): void {
    this.#end(false);
  }

  #end(passed: boolean): void {
    if (this.#ended) return;
    this.#ended = true;
    this.onEnd(passed);
  }
}

export function tenantMoving(tenantId: string, cause?: unknown): DataSourceError {
  return new DataSourceError('tenant_moving', `The tenant ${tenantId} is being moved to another database.`, {
    hint: 'Retry in a moment.',
    retryAfterSeconds: 1,
    cause,
  });
}

function busy(tenantId: string): DataSourceError {
  return new DataSourceError(
    'tenant_busy',
    `The tenant ${tenantId} is being moved to another database, and statements of ${WAITING_BYTES >> 20} MiB wait for the end of it.`,
    { hint: 'Retry in a moment.', retryAfterSeconds: 1 },
  );
}
