import { DataSourceError, type DataSourceErrorCode } from '../errors';

/** Failures of the database. Each class is counted separately. */
export type FailureClass = Extract<
  DataSourceErrorCode,
  | 'data_source_unreachable'
  | 'data_source_timeout'
  | 'data_source_authentication_refused'
  | 'data_source_shutting_down'
  | 'data_source_connection_lost'
>;

const FAILURE_CLASSES: ReadonlySet<string> = new Set<FailureClass>([
  'data_source_unreachable',
  'data_source_timeout',
  'data_source_authentication_refused',
  'data_source_shutting_down',
  'data_source_connection_lost',
]);

export type BreakerState = 'closed' | 'open' | 'half-open';

export interface CircuitBreakerOptions {
  /** Number of consecutive failures of one class that open the breaker. Default 3. */
  threshold?: number;
  /** How long the breaker stays open the first time, ms. The time doubles with each failed probe. Default 500. */
  firstPauseMs?: number;
  /** Longest pause, ms. Default 15,000. */
  longestPauseMs?: number;
  /** Clock, ms. */
  now?: () => number;
}

/**
 * Refuses attempts to reach a database that is known to be down. Closed: every attempt is made. Open, after `threshold` failures of one
 * class: every attempt is refused. Half-open, after a pause: one attempt is made, the probe, whose outcome closes or opens the breaker.
 */
export class CircuitBreaker {
  #failures = new Map<FailureClass, number>();
  #openUntil = 0;
  #pauses = 0;
  #open = false;
  #probing = false;
  #last: DataSourceError | undefined;

  constructor(
    private readonly name: string,
    private readonly options: CircuitBreakerOptions = {},
  ) {}

  get state(): BreakerState {
    if (!this.#open) return 'closed';
    return this.#probing || this.#now() >= this.#openUntil ? 'half-open' : 'open';
  }

  /** The failure that opened the breaker. */
  get reason(): FailureClass | undefined {
    return this.#open ? (this.#last?.code as FailureClass | undefined) : undefined;
  }

  /**
   * Call it before an attempt.
   * @throws DataSourceError `data_source_circuit_open`, or `data_source_authentication_refused` if that opened the breaker, with the
   *   time to wait
   */
  admit(): void {
    if (!this.#open) return;
    const wait = this.#openUntil - this.#now();
    if (wait <= 0 && !this.#probing) {
      this.#probing = true;
      return;
    }
    throw this.#refusal(wait);
  }

  /** Call it before waiting for an attempt. @throws DataSourceError as `admit` */
  refuseWhileOpen(): void {
    if (this.state === 'open') throw this.#refusal(this.#openUntil - this.#now());
  }

  /** A refused sign-in keeps its own code, since waiting does not help against it. */
  #refusal(wait: number): DataSourceError {
    const refused = this.#last?.code === 'data_source_authentication_refused' ? this.#last : undefined;
    return new DataSourceError(
      refused?.code ?? 'data_source_circuit_open',
      refused?.message ?? `The database of ${this.name} is down (${this.#last?.code}).`,
      {
        hint: this.#last?.hint ?? 'Retry later.',
        retryAfterSeconds: Math.max(1, Math.ceil(wait / 1000)),
        cause: this.#last,
      },
    );
  }

  succeeded(): void {
    this.#probing = false;
    if (!this.#open && this.#failures.size === 0) return;
    this.#open = false;
    this.#pauses = 0;
    this.#failures.clear();
  }

  failed(error: unknown): void {
    if (!(error instanceof DataSourceError) || !FAILURE_CLASSES.has(error.code)) {
      this.#probing = false;
      return;
    }
    const kind = error.code as FailureClass;
    const count = (this.#failures.get(kind) ?? 0) + 1;
    this.#failures.set(kind, count);
    const { threshold = 3, firstPauseMs = 500, longestPauseMs = 15_000 } = this.options;
    if (!this.#probing && count < threshold) return;
    this.#last = error;
    const pause = Math.min(longestPauseMs, firstPauseMs * 2 ** this.#pauses);
    if (!this.#open || this.#probing) this.#pauses += 1;
    this.#open = true;
    this.#probing = false;
    this.#openUntil = this.#now() + pause;
  }

  #now(): number {
    return (this.options.now ?? Date.now)();
  }
}
