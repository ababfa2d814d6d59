// One timer for all statements in flight: a timer for each would cost more than it gives.

/** A statement in flight and when it is late. */
export interface Timed {
  /** `performance.now()` at which `late` is called, ms. Raised by `late` for a second, harder step. */
  deadline: number;
  late(): void;
}

const RESOLUTION_MS = 100;

export class Deadlines {
  readonly #timed = new Set<Timed>();
  #timer: NodeJS.Timeout | undefined;

  add(timed: Timed): void {
    this.#timed.add(timed);
    this.#timer ??= setInterval(() => this.#check(), RESOLUTION_MS).unref();
  }

  delete(timed: Timed): void {
    this.#timed.delete(timed);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#timed.clear();
  }

  #check(): void {
    const now = performance.now();
    for (const timed of this.#timed) if (timed.deadline <= now) timed.late();
    if (this.#timed.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
  }
}
