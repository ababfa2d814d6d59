// One timer for all statements in flight: a timer for each would be more precise, but cost too much.

/** Something with a deadline: a connection, for the statement that runs on it. */
export interface Timed {
  /** `performance.now()` after which `late` is called, ms. Infinite while nothing runs. */
  readonly deadline: number;
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
    if (this.#timed.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #check(): void {
    const now = performance.now();
    for (const timed of this.#timed) if (timed.deadline <= now) timed.late();
  }
}
