import { setTimeout as sleep } from 'node:timers/promises';

/** Longer pieces are one session's work, beside which a server has time for others. */
const LONGEST_MS = 50;

/** Between pieces of work that nobody waits for: the homes are the tenants' for as long as the piece took. */
export class Rest {
  #since = performance.now();

  /** @param move whose option `load: false` says that it need not stand back */
  constructor(private readonly move: { options: { load?: unknown } }) {}

  async take(): Promise<void> {
    if (this.move.options.load === false) return;
    await sleep(Math.min(performance.now() - this.#since, LONGEST_MS));
    this.#since = performance.now();
  }
}
