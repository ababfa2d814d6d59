import { setTimeout as sleep } from 'node:timers/promises';

/** Keeps a flow of bytes below a rate: who takes more than is there waits until it would be. */
export class Throttle {
  #free = performance.now();

  constructor(private readonly bytesPerSecond?: number) {}

  get limited(): boolean {
    return this.bytesPerSecond !== undefined;
  }

  async take(bytes: number): Promise<void> {
    if (this.bytesPerSecond === undefined) return;
    const now = performance.now();
    this.#free = Math.max(this.#free, now) + (bytes * 1000) / this.bytesPerSecond;
    if (this.#free - now > 5) await sleep(this.#free - now);
  }
}
