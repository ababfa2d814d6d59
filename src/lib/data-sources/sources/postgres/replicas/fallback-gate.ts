// Reads that the primary has to answer because a replica cannot. Only a few run at a time, so that the loss of a replica does not move all
// of its load to the primary.
import { DataSourceError } from '../../../errors';

/** Number of such reads that run at a time, in this process and for one source. */
const AT_ONCE = 4;
/** Number of such reads that may wait; further ones are refused immediately. */
const WAITING = 50;

export class FallbackGate {
  #running = 0;
  readonly #waiting = new Set<() => void>();

  constructor(private readonly name: string) {}

  /**
   * @param waitMs maximum time to wait for its turn, ms
   * @throws DataSourceError `replica_unavailable`; the signal's reason; what `read` throws
   */
  async run<T>(read: () => Promise<T>, waitMs: number, signal?: AbortSignal): Promise<T> {
    if (this.#running >= AT_ONCE) await this.#wait(waitMs, signal);
    else this.#running += 1;
    try {
      return await read();
    } finally {
      const [next] = this.#waiting;
      if (next) next();
      else this.#running -= 1;
    }
  }

  /** Resolves when another read has ended and its place is free. */
  async #wait(waitMs: number, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (this.#waiting.size >= WAITING) throw this.#refusal();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting = this.#waiting;
    const admit = () => {
      waiting.delete(admit);
      resolve();
    };
    waiting.add(admit);
    const give = (reason: unknown) => {
      if (waiting.delete(admit)) reject(reason);
    };
    const onAbort = () => give(signal?.reason);
    const timer = setTimeout(() => give(this.#refusal()), waitMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  #refusal(): DataSourceError {
    return new DataSourceError(
      'replica_unavailable',
      `No replica of ${this.name} is fresh enough, and its primary answers as many such reads as it may.`,
    );
  }
}
