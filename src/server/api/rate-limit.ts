import { RequestError } from '../errors';

interface Window {
  count: number;
  until: number;
}

/** Addresses remembered at most; the oldest are forgotten first. */
const REMEMBERED = 10_000;

/**
 * So many requests of one address in a stretch of time. Counted by each process for itself: it is there to make
 * guessing and flooding slow, and what it protects is 256 bits long.
 */
export class RateLimit {
  readonly #windows = new Map<string, Window>();

  constructor(
    private readonly requests: number,
    private readonly windowMs: number,
  ) {}

  /** @throws RequestError `too_many_attempts` */
  count(address: string, now = Date.now()): void {
    const known = this.#windows.get(address);
    const window = known && known.until > now ? known : { count: 0, until: now + this.windowMs };
    window.count += 1;
    if (window !== known) {
      this.#windows.delete(address);
      this.#windows.set(address, window);
      const [oldest] = this.#windows.keys();
      if (this.#windows.size > REMEMBERED && oldest !== undefined) this.#windows.delete(oldest);
    }
    if (window.count <= this.requests) return;
    throw new RequestError('too_many_attempts', 'Too many requests from here.', {
      hint: `Wait ${Math.ceil((window.until - now) / 1000)} seconds.`,
    });
  }
}
