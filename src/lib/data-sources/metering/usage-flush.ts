// Adds this process's usage counts to the operations database, periodically and when the process ends.
import { randomUUID } from 'node:crypto';
import type { UsageBatch, UsageBuckets } from '@/lib/operations';
import type { Meter } from './meter';

export type UsageStore = Pick<UsageBuckets, 'add' | 'leave'>;

/** A killed process loses the counts of at most this time, ms. */
const FLUSH_MS = 60_000;

export class UsageFlush {
  readonly #writer = randomUUID();
  readonly #timer: NodeJS.Timeout;
  #sequence = 0;
  /** The batch that was not acknowledged. It may have been added, so it is sent again with the same number. */
  #pending: UsageBatch | undefined;
  #flushing: Promise<void> | undefined;

  constructor(
    private readonly meter: Meter,
    private readonly store: UsageStore,
    intervalMs = FLUSH_MS,
  ) {
    // While the operations database cannot be reached, counts stay in memory.
    this.#timer = setInterval(() => void this.flush().catch(() => {}), intervalMs).unref();
  }

  /** Adds the counts so far. */
  async flush(): Promise<void> {
    await this.#flushing?.catch(() => {});
    this.#flushing = this.#send().finally(() => {
      this.#flushing = undefined;
    });
    await this.#flushing;
  }

  /** Adds the remaining counts. If the operations database cannot be reached, they are lost. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush().catch(() => {});
    if (this.#sequence > 0) await this.store.leave(this.#writer).catch(() => {});
  }

  async #send(): Promise<void> {
    if (this.#pending) await this.#add(this.#pending);
    const counted = this.meter.take();
    // A batch without counts tells that this process is up to date.
    if (counted.usage.length === 0 && this.#sequence === 0) return;
    this.#sequence += 1;
    this.#pending = { writer: this.#writer, sequence: this.#sequence, ...counted };
    await this.#add(this.#pending);
  }

  async #add(batch: UsageBatch): Promise<void> {
    await this.store.add(batch);
    this.#pending = undefined;
  }
}
