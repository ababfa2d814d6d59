import { setTimeout as sleep } from 'node:timers/promises';

/** Longer pieces are one session's work, beside which a server has time for others. */
const LONGEST_MS = 50;

/** Between pieces of work that nobody waits for: the homes are the tenants' for as long as the piece took. */
export class Rest {
  #since = performance.now();

  /** @param wanted false where the move need not stand back */
  constructor(private readonly wanted: boolean) {}

  async take(): Promise<void> {
    if (!this.wanted) return;
    await sleep(Math.min(performance.now() - this.#since, LONGEST_MS));
    this.#since = performance.now();
  }
}

/** Whether a move stands back at all: see `load` of its options. */
export function standsBack({ options }: { options: { load?: unknown } }): boolean {
  return options.load !== false;
}
