import { setTimeout as sleep } from 'node:timers/promises';
import { Backoff } from '@/lib/time';
import { DataSourceError, isStaleRoute } from '../errors';
import { FIRST_PROBE_PAUSE_MS, LONGEST_PROBE_PAUSE_MS, PROBE_PASSED_MS } from './constants';

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
  /** Statements of the tenant that may wait. */
  queue: number;
  signal?: AbortSignal | undefined;
}

interface ClosedFence {
  probe: Probe;
  /** Statements that wait, the first first. */
  readonly waiting: Set<(probe?: Probe) => void>;
}

/**
 * Tenants whose fence this process has met closed: they are being moved. One statement of each, the probe, is tried again and again. The
 * others wait until it has passed the fence; then all of them go to the tenant's source, whose `Admission` decides when each runs.
 * Where the probe is given up, the statement that has waited for longest is the next probe.
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
   * @returns the probe, where the statement is the next one; undefined where the fence is open
   * @throws DataSourceError `tenant_moving` at `until`, `tenant_busy` where `queue` statements wait; the signal's reason
   */
  async wait(tenantId: string, { until, queue, signal }: WaitOptions): Promise<Probe | undefined> {
    const fence = this.#fences.get(tenantId);
    if (!fence) return undefined;
    signal?.throwIfAborted();
    if (fence.waiting.size >= queue) throw busy(tenantId, queue);
    const { promise, resolve } = Promise.withResolvers<Probe | undefined>();
    fence.waiting.add(resolve);
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
      // It may have become the probe as it gave up.
      if (!fence.waiting.delete(resolve)) (await promise)?.end();
      throw signal?.aborted ? signal.reason : error;
    } finally {
      over.abort();
    }
  }

  /** A statement has met the fence closed. @returns the probe, where it is the one; undefined where there is one already */
  close(tenantId: string): Probe | undefined {
    if (this.#fences.has(tenantId)) return undefined;
    const probe = this.#newProbe(tenantId);
    this.#fences.set(tenantId, { probe, waiting: new Set() });
    return probe;
  }

  /** The tenant's route has changed: the fence may be open. */
  routeChanged(tenantId: string): void {
    this.#fences.get(tenantId)?.probe.tryNow();
  }

  #newProbe(tenantId: string): Probe {
    return new Probe(this.clock, (passed) => this.#ended(tenantId, passed));
  }

  #ended(tenantId: string, passed: boolean): void {
    const fence = this.#fences.get(tenantId) as ClosedFence;
    const [next] = fence.waiting;
    if (passed || !next) {
      this.#fences.delete(tenantId);
      for (const release of fence.waiting) release();
      fence.waiting.clear();
      return;
    }
    fence.waiting.delete(next);
    fence.probe = this.#newProbe(tenantId);
    next(fence.probe);
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

function busy(tenantId: string, queue: number): DataSourceError {
  return new DataSourceError(
    'tenant_busy',
    `The tenant ${tenantId} is being moved to another database, and ${queue} statements wait for the end of it.`,
    { hint: 'Retry in a moment, or raise queue in connection_pool_config.', retryAfterSeconds: 1 },
  );
}
