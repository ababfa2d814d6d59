// Whether this process itself was late: blocked, suspended, or without a processor. A missing answer then says nothing about the
// server.
import type { Round } from './round';

const EVERY_MS = 100;
/** A third of a probe's deadline. */
const LATE_MS = 500;
/** Requests notice a delay of this length, ms. For a moment after it the process counts as busy. */
const BUSY = { delayMs: 50, forMs: 1_000 };
const BY_TIME = new Set([
  'server_not_answering',
  'query_not_answering',
  'probe_incomplete',
  'slow',
  'clock_skewed',
]);

export class Lateness {
  #seenAt = performance.now();
  #lateAt = Number.NEGATIVE_INFINITY;
  #busyAt = Number.NEGATIVE_INFINITY;
  readonly #timer = setInterval(() => this.#look(), EVERY_MS).unref();

  close(): void {
    clearInterval(this.#timer);
  }

  /** Whether a round may have failed because of this process. @param since when it began, as `performance.now()` */
  spoils({ findings }: Pick<Round, 'findings'>, since: number): boolean {
    this.#look();
    return this.#lateAt >= since && findings.some(({ cause }) => BY_TIME.has(cause));
  }

  /** Whether this process does what it has to later than it should. */
  get isBusy(): boolean {
    return performance.now() - this.#busyAt < BUSY.forMs;
  }

  #look(): void {
    const now = performance.now();
    const delayMs = now - this.#seenAt - EVERY_MS;
    if (delayMs > LATE_MS) this.#lateAt = now;
    if (delayMs > BUSY.delayMs) this.#busyAt = now;
    this.#seenAt = now;
  }
}
