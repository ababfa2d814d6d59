/** Runs pieces of work one after the other, in the order in which they were given. */
export class SerialWork {
  #last: Promise<unknown> = Promise.resolve();
  #isRequested = false;

  /** @returns what `work` returns; it rejects with what `work` throws, and the next piece runs all the same */
  run<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }

  /** As `run`; while a requested piece has not begun, further requests add none. @returns undefined where one waits already */
  request(work: () => Promise<void>): Promise<void> | undefined {
    if (this.#isRequested) return undefined;
    this.#isRequested = true;
    return this.run(async () => {
      this.#isRequested = false;
      await work();
    });
  }
}
