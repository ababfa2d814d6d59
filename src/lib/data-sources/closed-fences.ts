// Tenants whose fence this process has met closed: they are being moved. One statement of each asks until it is let in; the
// others wait for it, so that a pause of the tenant is not filled with refusals.
import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 50;
/** Refusing is the first thing that a database does: who waits longer for an answer has been let in. */
const LET_IN_MS = 50;

export class ClosedFences {
  readonly #asking = new Map<string, Asking>();

  /** Whether the tenant's statements have to wait. */
  has(tenantId: string): boolean {
    return this.#asking.has(tenantId);
  }

  /** Resolves when the fence is not known to be closed, or at `until` (`performance.now()`). @throws the signal's reason */
  async passed(tenantId: string, until: number, signal: AbortSignal | undefined): Promise<void> {
    const asking = this.#asking.get(tenantId);
    if (!asking) return;
    const over = new AbortController();
    const waiting = AbortSignal.any(signal ? [over.signal, signal] : [over.signal]);
    try {
      const late = sleep(Math.max(0, until - performance.now()), undefined, { signal: waiting });
      late.catch(() => {});
      await Promise.race([asking.ended, late]);
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      over.abort();
    }
  }

  /** The fence was met closed. @returns who asks from now on; undefined where another statement does */
  close(tenantId: string): Asking | undefined {
    if (this.#asking.has(tenantId)) return undefined;
    const asking = new Asking(() => this.#asking.delete(tenantId));
    this.#asking.set(tenantId, asking);
    return asking;
  }

  /** The tenant's route has changed: it is time to ask. */
  askNow(tenantId: string): void {
    this.#asking.get(tenantId)?.askNow();
  }
}

export class Asking {
  #pauseMs = FIRST_PAUSE_MS;
  #wake: () => void = () => {};
  #over = false;
  #resolve: () => void = () => {};
  readonly ended = new Promise<void>((resolve) => {
    this.#resolve = resolve;
  });

  constructor(private readonly onEnd: () => void) {}

  get over(): boolean {
    return this.#over;
  }

  /** Before the next attempt: longer each time, unless there is news. */
  async pause(signal: AbortSignal | undefined): Promise<void> {
    const news = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    await Promise.race([sleep(this.#pauseMs, undefined, { signal }), news]);
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
  }

  askNow(): void {
    this.#pauseMs = FIRST_PAUSE_MS;
    this.#wake();
  }

  /** Answers as the attempt does; the others go on once it was let in. */
  async watch<T>(attempt: Promise<T>): Promise<T> {
    const letIn = setTimeout(() => this.end(), LET_IN_MS);
    try {
      return await attempt;
    } finally {
      clearTimeout(letIn);
    }
  }

  /** The others go on; a second call does nothing. */
  end(): void {
    if (this.#over) return;
    this.#over = true;
    this.onEnd();
    this.#resolve();
  }
}
