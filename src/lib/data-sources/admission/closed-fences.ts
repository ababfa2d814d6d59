// Tenants whose fence this process has met closed: they are being moved. One statement of each asks until it is let in; the
// others wait for it, so that a pause of the tenant is not filled with refusals. Afterwards they go a few at a time, and more only
// while that is too few: each session of the new home has yet to plan what this tenant asks, and all would hold up everybody.
import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 50;
/** Refusing is the first thing that a database does: who waits longer for an answer has been let in. */
const LET_IN_MS = 50;
/** So many go first, and half as many more after each while in which those who wait have not become fewer. */
const FIRST_AT_ONCE = 2;
const WHILE_MS = 200;

export class ClosedFences {
  readonly #crowds = new Map<string, Crowd>();

  /** Whether the tenant's statements have to wait for their turn. */
  has(tenantId: string): boolean {
    return this.#crowds.has(tenantId);
  }

  /**
   * Waits until the fence is not known to be closed and it is one's turn, or until `until` (`performance.now()`).
   *
   * @returns to be called when the statement was answered
   * @throws the signal's reason
   */
  async turn(tenantId: string, until: number, signal: AbortSignal | undefined): Promise<() => void> {
    return (await this.#crowds.get(tenantId)?.turn(until, signal)) ?? (() => {});
  }

  /** The fence was met closed. @returns who asks from now on; undefined where another statement does */
  close(tenantId: string): Asking | undefined {
    const crowd = this.#crowds.get(tenantId) ?? new Crowd((over) => this.#forget(tenantId, over));
    this.#crowds.set(tenantId, crowd);
    return crowd.close();
  }

  /** The tenant's route has changed: it is time to ask. */
  askNow(tenantId: string): void {
    this.#crowds.get(tenantId)?.asking?.askNow();
  }

  /** Another crowd may have come while the last of this one were answered. */
  #forget(tenantId: string, over: Crowd): void {
    if (this.#crowds.get(tenantId) === over) this.#crowds.delete(tenantId);
  }
}

/** The statements of one tenant that wait, the first of them first. */
class Crowd {
  asking: Asking | undefined;
  readonly #waiting = new Set<() => void>();
  #running = 0;
  #atOnce = FIRST_AT_ONCE;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly onEnd: (crowd: Crowd) => void) {}

  close(): Asking | undefined {
    if (this.asking) return undefined;
    clearTimeout(this.#timer);
    this.asking = new Asking(() => this.#open());
    return this.asking;
  }

  async turn(until: number, signal: AbortSignal | undefined): Promise<() => void> {
    let admit = () => {};
    const admitted = new Promise<void>((resolve) => {
      admit = resolve;
    });
    const leave = () => {
      if (!this.#waiting.delete(admit)) this.#running -= 1;
      this.#admit();
    };
    this.#waiting.add(admit);
    this.#admit();
    const over = new AbortController();
    const late = sleep(Math.max(0, until - performance.now()), undefined, {
      signal: AbortSignal.any(signal ? [over.signal, signal] : [over.signal]),
    });
    late.catch(() => {});
    try {
      await Promise.race([admitted, late]);
      return leave;
    } catch {
      leave();
      throw signal?.reason;
    } finally {
      over.abort();
    }
  }

  #open(): void {
    this.asking = undefined;
    this.#atOnce = FIRST_AT_ONCE;
    this.#admit();
    this.#watch();
  }

  #watch(): void {
    const before = this.#waiting.size;
    this.#timer = setTimeout(() => {
      if (this.#waiting.size === 0) return;
      if (this.#waiting.size >= before) this.#atOnce += Math.ceil(this.#atOnce / 2);
      this.#admit();
      this.#watch();
    }, WHILE_MS);
  }

  #admit(): void {
    if (this.asking) return;
    let free = this.#atOnce - this.#running;
    for (const admit of this.#waiting) {
      if (free <= 0) break;
      free -= 1;
      this.#waiting.delete(admit);
      this.#running += 1;
      admit();
    }
    if (this.#waiting.size === 0) this.onEnd(this);
  }
}

export class Asking {
  #pauseMs = FIRST_PAUSE_MS;
  #wake: () => void = () => {};
  #over = false;

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
  }
}
