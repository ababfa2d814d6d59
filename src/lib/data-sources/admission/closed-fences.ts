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

/** A clock that tests can replace. */
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
  /** Memory that the statement uses while it waits, bytes. */
  bytes: number;
  /** Maximum number of the tenant's statements in flight. */
  max: number;
  signal?: AbortSignal | undefined;
}

interface WaitingStatement {
  readonly bytes: number;
  readonly max: number;
  /** Ends the wait: the statement is now the probe, has a passage, or (undefined) finds the fence no longer known to be closed. */
  release(as: Probe | Passage | undefined): void;
}

interface ClosedFence {
  /** Undefined once the fence is open, while the waiting statements are being released. */
  probe: Probe | undefined;
  /** In the order of arrival. */
  readonly waiting: Set<WaitingStatement>;
  waitingBytes: number;
  /** Number of released statements that are not done yet. */
  passing: number;
}

/**
 * Tenants whose fence this process has found closed, because they are being moved. One statement of each tenant, the probe, is repeated
 * until it passes the fence; the others wait for that. Then they are released in the order of arrival, at most `max` at once, since all
 * together could exceed the tenant's queue at the source. Statements that arrive meanwhile wait behind them. If the caller of the probe
 * gives up, the statement that has waited longest becomes the probe.
 *
 * Waiting is limited by time and by bytes, not by a number of statements: during the pause of a move a busy tenant sends very many.
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
   * @returns the probe, if the statement is the next one, or its passage: the caller ends it when the statement is done. Undefined if the
   *   fence is not known to be closed
   * @throws DataSourceError `tenant_moving` at `until`, `tenant_busy` if too many bytes wait; the signal's reason
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
      // The statement may have been released just before it gave up.
      if (!remove(fence, statement)) (await promise)?.end();
      throw signal?.aborted ? signal.reason : error;
    } finally {
      over.abort();
    }
  }

  /** Called when a statement has found the fence closed. @returns the probe, or undefined if another statement is the probe already */
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

/** Permission of a statement that has waited to run. */
export class Passage {
  #ended = false;

  constructor(private readonly onEnd: () => void) {}

  /** The statement is done, or waits again, so the next one is released. A second call does nothing. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.onEnd();
  }
}

/** The statement that is repeated until it passes the fence. */
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

  /** Pauses before the next attempt. Each pause is longer than the last; a change of the route ends it at once. */
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
   * Awaits an attempt. The attempt has passed the fence if it is answered, or not refused for a while; the waiting statements are then
   * released.
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

  /** Gives the probe up: another statement becomes the probe. A second call does nothing. */
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
