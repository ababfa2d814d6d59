// A process that makes documents and pictures, one at a time. If one takes all of its memory, or crashes what reads pictures, only it ends.
import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Answer, Task } from './task';

/** What V8 ends a process with that is out of memory, and the operating system one. */
const OUT_OF_MEMORY: readonly unknown[] = ['SIGABRT', 'SIGTRAP', 'SIGILL', 'SIGKILL', 134];

/** Its environment has no credentials. */
const PASSED_ON = ['PATH', 'HOME', 'LANG', 'TZ', 'TMPDIR', 'LD_LIBRARY_PATH', 'SystemRoot'];

/** The process has ended before it answered. */
export class ProcessEnded extends Error {
  readonly isOutOfMemory: boolean;

  constructor(how: unknown) {
    super(`The process that makes documents ended: ${how}.`);
    this.isOutOfMemory = OUT_OF_MEMORY.includes(how);
  }
}

export class RenderingProcess {
  readonly #child: ChildProcess;
  #ended: unknown;

  /** @param mostMegabytes of its heap */
  constructor(mostMegabytes: number) {
    this.#child = fork(programFile(), {
      serialization: 'advanced',
      execArgv: [
        ...process.execArgv.filter((argument) => !/^--(inspect|max-old-space-size)/.test(argument)),
        `--max-old-space-size=${mostMegabytes}`,
      ],
      env: Object.fromEntries(PASSED_ON.map((name) => [name, process.env[name]])),
      // V8 writes pages about a heap that is full.
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    this.#child.on('error', (error) => {
      this.#ended ??= error;
    });
    this.#child.on('exit', (code, signal) => {
      this.#ended ??= signal ?? code;
    });
    this.#keepProgram(false);
  }

  /** False once it has ended or was told to. */
  get isAlive(): boolean {
    return this.#ended === undefined && !this.#child.killed;
  }

  /**
   * Makes a document or a picture; not called again before it has ended.
   *
   * @param signal ends the process
   * @throws ProcessEnded; what the task throws, as a plain Error; the signal's reason
   */
  async run(task: Task, signal: AbortSignal): Promise<Uint8Array> {
    signal.throwIfAborted();
    const child = this.#child;
    const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
    const onMessage = (answer: Answer) => ('made' in answer ? resolve(answer.made) : reject(answer.error));
    const onExit = () => reject(new ProcessEnded(this.#ended));
    const onAbort = () => {
      child.kill('SIGKILL');
      reject(signal.reason);
    };
    child.on('message', onMessage).on('exit', onExit).on('error', onExit);
    signal.addEventListener('abort', onAbort, { once: true });
    this.#keepProgram(true);
    // Where it has ended meanwhile, `exit` says how.
    if (this.#ended === undefined) child.send(task, () => {});
    else onExit();
    try {
      return await promise;
    } finally {
      child.off('message', onMessage).off('exit', onExit).off('error', onExit);
      signal.removeEventListener('abort', onAbort);
      this.#keepProgram(false);
    }
  }

  end(): void {
    this.#child.kill();
  }

  /** Whether it keeps the program running. */
  #keepProgram(keeps: boolean): void {
    const how = keeps ? 'ref' : 'unref';
    this.#child[how]();
    this.#child.channel?.[how]();
  }
}

/** Beside this file, with its ending: TypeScript while developing, JavaScript once built. */
function programFile(): string {
  const here = fileURLToPath(import.meta.url);
  return path.join(path.dirname(here), `worker${path.extname(here)}`);
}
