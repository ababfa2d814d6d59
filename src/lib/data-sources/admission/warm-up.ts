import { WARMING_AT_LEAST, WARMING_MS, WARMING_PART } from './constants';

/**
 * Sessions that open or run their first statement. Each plans what it runs anew, which takes the server's processors: a few at a
 * time do so, and the next as soon as one of them is done.
 */
export class WarmUp {
  /** By when they began, the earliest first. */
  readonly #since = new Map<object, number>();

  get some(): boolean {
    return this.#since.size > 0;
  }

  start(session: object, at: number): void {
    this.#since.delete(session);
    this.#since.set(session, at);
  }

  done(session: object): void {
    this.#since.delete(session);
  }

  /**
   * How many further sessions may begin to warm up.
   *
   * @param inUse sessions that run statements, those that warm up included
   */
  room(inUse: number, at: number): number {
    for (const [session, since] of this.#since) {
      if (at - since < WARMING_MS) break;
      this.#since.delete(session);
    }
    const warm = inUse - this.#since.size;
    return Math.max(WARMING_AT_LEAST, Math.floor(warm * WARMING_PART)) - this.#since.size;
  }
}
