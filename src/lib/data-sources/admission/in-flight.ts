/** Counts activities that have begun and are not done yet. One that takes longer than the limit is no longer counted, so that it blocks no other. */
export class InFlight {
  /** The time at which each began. The earliest comes first. */
  readonly #since = new Map<object, number>();

  constructor(private readonly countedForMs: number) {}

  get some(): boolean {
    return this.#since.size > 0;
  }

  start(one: object, at: number): void {
    this.#since.delete(one);
    this.#since.set(one, at);
  }

  done(one: object): void {
    this.#since.delete(one);
  }

  count(at: number): number {
    for (const [one, since] of this.#since) {
      if (at - since < this.countedForMs) break;
      this.#since.delete(one);
    }
    return this.#since.size;
  }
}
