// Renders documents and pictures in threads, fairly between tenants, with limits of memory and time.
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import type { Branding, DocumentModel } from '../documents/model';
import { RenderingError } from './errors';
import { FairTasks } from './fair-tasks';

export type Task =
  | { kind: 'document'; document: DocumentModel; branding: Branding }
  /** `size`: the longest side, pixels. */
  | { kind: 'thumbnail'; content: Uint8Array; size: number }
  | { kind: 'logo'; content: Uint8Array }
  | { kind: 'placeless'; content: Uint8Array; mimeType: string };

/** The caller of a rendering task. */
export interface Rendering {
  tenantId: string;
  /** Aborts when the request was closed. */
  signal?: AbortSignal;
}

/** At least two, so that one tenant's long document leaves a thread to the others. */
const THREADS = Math.max(2, availableParallelism() - 1);
const IDLE_MS = 60_000;

/** What one task may take. */
interface TaskLimits {
  mostMs: number;
  mostMegabytes: number;
}

/** Threads that make documents and pictures. They start when they are needed. */
export class Renderer {
  readonly #tasks = new FairTasks({
    atOnce: THREADS,
    atOnceOfTenant: THREADS - 1,
    waiting: 200,
    waitingOfTenant: 20,
  });
  #threads: Piscina | undefined;

  constructor(private readonly limits: TaskLimits) {}

  /**
   * Makes a document or a picture in a thread.
   *
   * @throws RenderingError `too_many_documents`, `rendering_busy`, `document_too_large`: it took more time or memory than it
   *   may; what the task throws, as a plain Error; the signal's reason
   */
  render(task: Task, { tenantId, signal }: Rendering): Promise<Uint8Array> {
    return this.#tasks.run(tenantId, () => this.#run(task, signal), signal);
  }

  async #run(task: Task, signal: AbortSignal | undefined): Promise<Uint8Array> {
    const { mostMs, mostMegabytes } = this.limits;
    this.#threads ??= new Piscina({
      filename: workerFile(),
      minThreads: 0,
      maxThreads: THREADS,
      idleTimeout: IDLE_MS,
      // Lower priority than the threads that answer requests.
      niceIncrement: 5,
      resourceLimits: { maxOldGenerationSizeMb: mostMegabytes },
    });
    const late = AbortSignal.timeout(mostMs);
    try {
      return await this.#threads.run(task, { signal: signal ? AbortSignal.any([signal, late]) : late });
    } catch (error) {
      signal?.throwIfAborted();
      if (!late.aborted && !isOutOfMemory(error)) throw error;
      throw new RenderingError('document_too_large', 'The document or picture is too large to be made.', {
        hint: 'Make it in parts: fewer lines, or a smaller picture.',
        cause: error,
      });
    }
  }
}

const renderer = new Renderer({ mostMs: 60_000, mostMegabytes: 512 });

/** Makes a document or a picture in one of the process's threads, in at most 60 s and 512 MB. @throws as `Renderer.render` */
export function render(task: Task, rendering: Rendering): Promise<Uint8Array> {
  return renderer.render(task, rendering);
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}

/** Beside this file, with its ending: TypeScript while developing, JavaScript once built. */
function workerFile(): string {
  const here = fileURLToPath(import.meta.url);
  return path.join(path.dirname(here), `worker${path.extname(here)}`);
}
