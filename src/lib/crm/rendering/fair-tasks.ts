import { RenderingError } from './errors';

export interface FairTasksOptions {
  /** Tasks that run at once. */
  atOnce: number;
  /** Tasks of one tenant that run at once. */
  atOnceOfTenant: number;
  /** Tasks that may wait. */
  waiting: number;
  /** Tasks of one tenant that may wait. */
  waitingOfTenant: number;
}

interface Waiting {
  start(): void;
}

/** Runs tasks of tenants round-robin: a tenant with a thousand tasks delays others by one task at most. */
export class FairTasks {
  /** In the order of turns: the next tenant first. */
  readonly #queues = new Map<string, Waiting[]>();
  readonly #running = new Map<string, number>();
  #runningCount = 0;
  #waitingCount = 0;

  constructor(private readonly options: FairTasksOptions) {}

  /**
   * @param signal leaves the queue when it aborts; a running task handles its signal itself
   * @throws RenderingError `too_many_documents` (the tenant's queue is full), `rendering_busy` (all of them); the
   *   signal's reason; what `task` throws
   */
  async run<T>(tenantId: string, task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    if (this.#mayRun(tenantId)) this.#count(tenantId, 1);
    else await this.#wait(tenantId, signal);
    try {
      return await task();
    } finally {
      this.#count(tenantId, -1);
      this.#next();
    }
  }

  #wait(tenantId: string, signal: AbortSignal | undefined): Promise<void> {
    const { waiting, waitingOfTenant } = this.options;
    const queue = this.#queues.get(tenantId) ?? [];
    if (queue.length >= waitingOfTenant)
      throw busy('too_many_documents', `${queue.length} of this company’s`);
    if (this.#waitingCount >= waiting) throw busy('rendering_busy', `${this.#waitingCount}`);
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        queue.splice(queue.indexOf(waiter), 1);
        this.#waitingCount -= 1;
        if (queue.length === 0) this.#queues.delete(tenantId);
        reject(signal?.reason);
      };
      const waiter = {
        start: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      queue.push(waiter);
      this.#waitingCount += 1;
      this.#queues.set(tenantId, queue);
    });
  }

  #next(): void {
    for (const [tenantId, queue] of this.#queues) {
      if (!this.#mayRun(tenantId)) continue;
      const waiter = queue.shift();
      this.#waitingCount -= 1;
      this.#queues.delete(tenantId);
      if (queue.length > 0) this.#queues.set(tenantId, queue);
      this.#count(tenantId, 1);
      waiter?.start();
      return;
    }
  }

  #mayRun(tenantId: string): boolean {
    const { atOnce, atOnceOfTenant } = this.options;
    return this.#runningCount < atOnce && (this.#running.get(tenantId) ?? 0) < atOnceOfTenant;
  }

  #count(tenantId: string, change: 1 | -1): void {
    this.#runningCount += change;
    const running = (this.#running.get(tenantId) ?? 0) + change;
    if (running > 0) this.#running.set(tenantId, running);
    else this.#running.delete(tenantId);
  }
}

function busy(code: 'too_many_documents' | 'rendering_busy', what: string): RenderingError {
  return new RenderingError(code, `Too many documents and pictures are being made: ${what} wait already.`, {
    hint: 'Try again in a few seconds.',
  });
}
