/** What has begun and is not done yet. What takes longer than a limit is not counted any more, so it holds up nothing else. */
export class InFlight {
  /** By when they began, the earliest first. */
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
