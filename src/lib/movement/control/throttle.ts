import { setTimeout as sleep } from 'node:timers/promises';

/** Rests shorter than this are saved up: timers are not that exact. */
const SHORTEST_REST_MS = 10;
const LONGEST_REST_MS = 1_000;

/** Keeps a flow of bytes below a rate, and to a share of the time. */
export class Throttle {
  #free = performance.now();
  #owed = 0;

  /**
   * @param bytesPerSecond no limit when left out
   * @param share the part of its time, up to 1, that the flow may work now; always 1 when left out
   */
  constructor(
    private readonly bytesPerSecond?: number,
    private readonly share?: () => number,
  ) {}

  get limited(): boolean {
    return this.bytesPerSecond !== undefined || this.share !== undefined;
  }

  /** Who takes more than is there waits until it would be. @param workedMs how long it took to get the bytes here */
  async take(bytes: number, workedMs: number): Promise<void> {
    const now = performance.now();
    let rest = 0;
    if (this.bytesPerSecond !== undefined) {
      this.#free = Math.max(this.#free, now) + (bytes * 1000) / this.bytesPerSecond;
      if (this.#free - now > 5) rest = this.#free - now;
    }
    const share = this.share?.() ?? 1;
    if (share < 1) {
      this.#owed += workedMs * (1 / share - 1);
      if (this.#owed >= SHORTEST_REST_MS) {
        rest = Math.max(rest, Math.min(this.#owed, LONGEST_REST_MS));
        this.#owed = 0;
      }
    }
    if (rest > 0) await sleep(rest);
  }
}
