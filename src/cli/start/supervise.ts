import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Backoff, pause } from '@/lib/time';
import { FAULT } from './faults';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** After a run of this length the next pause is short again. */
const STEADY_MS = 60_000;

/**
 * Runs this program as a child and starts it again after a fault, or when it was killed (out of memory, a crash); pauses
 * double from 0.5 s to 30 s. A signal is passed on and ends both.
 *
 * @param programArguments the program's file and its arguments
 * @returns the child's exit code when it ended by itself
 */
export async function supervise(programArguments: readonly string[]): Promise<number> {
  const stopping = new AbortController();
  let child: ReturnType<typeof spawn> | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      stopping.abort();
      child?.kill(signal);
    });
  }
  const backoff = new Backoff(FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
  for (;;) {
    const started = performance.now();
    child = spawn(process.execPath, [...process.execArgv, ...programArguments], {
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    });
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    if (stopping.signal.aborted || (code !== null && code !== FAULT)) return code ?? 0;
    if (performance.now() - started > STEADY_MS) backoff.reset();
    const pauseMs = backoff.next();
    console.error(
      `Marquee ended (${signal ?? `exit code ${code}`}); it starts again in ${pauseMs / 1000} s.`,
    );
    await pause(pauseMs, { signal: stopping.signal });
    if (stopping.signal.aborted) return code ?? 0;
  }
}
