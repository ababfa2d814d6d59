import { errorForLog } from '@/lib/failures';

/** Exit code of a process that ended because of a fault of its own (EX_SOFTWARE): a supervisor starts it again. */
export const FAULT = 70;

/** How long what is under way may take to finish after a fault, ms. */
const DRAIN_MS = 10_000;

/**
 * An uncaught exception leaves the process in an unknown state: it takes no new work, finishes what is
 * under way, and ends with exit code 70.
 *
 * @param drain called once; the caller ends the process when it is done, and at the latest it ends `drainMs` later
 */
export function endOnFault(drain: () => void, drainMs = DRAIN_MS): void {
  const end = (event: string) => (error: unknown) => {
    console.error(JSON.stringify({ level: 60, time: Date.now(), msg: event, err: errorForLog(error) }));
    if (process.exitCode === FAULT) return;
    process.exitCode = FAULT;
    setTimeout(() => process.exit(FAULT), drainMs).unref();
    drain();
  };
  process.on('uncaughtException', end('uncaught exception'));
  process.on('unhandledRejection', end('unhandled rejection'));
}
