// Renders documents and pictures in processes of their own, fairly between tenants, with limits of memory and time.
import { availableParallelism } from 'node:os';
import { RenderingError } from './errors';
import { FairTasks } from './fair-tasks';
import { ProcessEnded, RenderingProcess } from './rendering-process';
import type { Task } from './task';

/** The caller of a rendering task. */
export interface Rendering {
  tenantId: string;
  /** Aborts when the request was closed. */
  signal?: AbortSignal;
}

/** At least two, so that one tenant's long document leaves a process to the others. */
const PROCESSES = Math.max(2, availableParallelism() - 1);
const IDLE_MS = 60_000;

/** What one task may take. */
interface TaskLimits {
  mostMs: number;
  mostMegabytes: number;
}

/** Processes that make documents and pictures. They start when they are needed. */
export class Renderer {
  readonly #tasks = new FairTasks({
    atOnce: PROCESSES,
    atOnceOfTenant: PROCESSES - 1,
    waiting: 200,
    waitingOfTenant: 20,
  });
  /** Each with the timer that ends it; the one that was used last is the last. */
  readonly #idle = new Map<RenderingProcess, NodeJS.Timeout>();

  constructor(private readonly limits: TaskLimits) {}

  /**
   * Makes a document or a picture in a process.
   *
   * @throws RenderingError `too_many_documents`, `rendering_busy`, `document_too_large` (more memory than it may take),
   *   `document_too_slow`; what the task throws, as a plain Error; the signal's reason
   */
  render(task: Task, { tenantId, signal }: Rendering): Promise<Uint8Array> {
    return this.#tasks.run(tenantId, () => this.#run(task, signal), signal);
  }

  async #run(task: Task, signal: AbortSignal | undefined): Promise<Uint8Array> {
    const { mostMs } = this.limits;
    const late = AbortSignal.timeout(mostMs);
    const worker = this.#take();
    try {
      return await worker.run(task, signal ? AbortSignal.any([signal, late]) : late);
    } catch (error) {
      signal?.throwIfAborted();
      // Time says nothing of the document: on a machine with too much to do, a short one may be late.
      if (late.aborted) {
        throw new RenderingError('document_too_slow', 'The document or picture was not made in time.', {
          hint: 'Try again in a minute; if it fails again, make it in parts: fewer lines, or a smaller picture.',
          cause: error,
        });
      }
      if (!(error instanceof ProcessEnded && error.isOutOfMemory)) throw error;
      throw new RenderingError('document_too_large', 'The document or picture is too large to be made.', {
        hint: 'Make it in parts: fewer lines, or a smaller picture.',
        cause: error,
      });
    } finally {
      this.#giveBack(worker);
    }
  }

  #take(): RenderingProcess {
    for (const [worker, timer] of [...this.#idle].reverse()) {
      clearTimeout(timer);
      this.#idle.delete(worker);
      if (worker.isAlive) return worker;
    }
    return new RenderingProcess(this.limits.mostMegabytes);
  }

  #giveBack(worker: RenderingProcess): void {
    if (!worker.isAlive) return;
    const timer = setTimeout(() => {
      this.#idle.delete(worker);
      worker.end();
    }, IDLE_MS).unref();
    this.#idle.set(worker, timer);
  }
}

const renderer = new Renderer({ mostMs: 60_000, mostMegabytes: 512 });

/** Makes a document or a picture, in at most 60 s and 512 MB. @throws as `Renderer.render` */
export function render(task: Task, rendering: Rendering): Promise<Uint8Array> {
  return renderer.render(task, rendering);
}
