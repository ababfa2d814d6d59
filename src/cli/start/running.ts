import { CommandError } from '../errors';

/** What has been started so far; stopped in the reverse order. */
export class Running {
  readonly #parts: { name: string; stop(): Promise<void> }[] = [];
  readonly #ended = new AbortController();

  /** Aborted when everything is being stopped. */
  get signal(): AbortSignal {
    return this.#ended.signal;
  }

  /**
   * Adds what has just been started. When everything else is being stopped already, it is stopped too.
   *
   * @throws CommandError `interrupted`, so that nothing more is started
   */
  async add(name: string, stop: () => Promise<void>): Promise<void> {
    this.#parts.push({ name, stop });
    if (!this.signal.aborted) return;
    await this.stop();
    throw new CommandError('interrupted', 'The start was interrupted.');
  }

  /** Stops everything. A part that fails to stop does not prevent the others from stopping. */
  async stop(): Promise<void> {
    this.#ended.abort();
    for (const part of this.#parts.splice(0).reverse()) {
      await part.stop().catch((error: unknown) => console.error(`Stopping ${part.name}: ${error}`));
    }
  }
}
