import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits, at most until the signal aborts; that is no error.
 *
 * @param ms milliseconds
 * @param options.ref false: the process may end meanwhile
 */
export async function pause(
  ms: number,
  options: { signal?: AbortSignal; ref?: boolean } = {},
): Promise<void> {
  await sleep(ms, undefined, options).catch(() => {});
}

/**
 * What `work` resolves to, if it does so in time. What comes of it later is ignored; the caller ends it.
 *
 * @param ms milliseconds
 * @param late makes the error to throw when the time is over
 */
export async function withDeadline<T>(work: Promise<T>, ms: number, late: () => Error): Promise<T> {
  const { promise: deadline, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(late()), ms);
  work.catch(() => {});
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

/** As with nginx and Apache: even slow connections take in less what the operating system has buffered. */
const UNREAD_MS = 60_000;

/**
 * Ends the connection of an HTTP client that has stopped reading its answer, since what it does not read is kept in memory.
 *
 * @param ms how long, or up to twice as long, nothing was read
 */
export function dropUnread(answer: ServerResponse, ms = UNREAD_MS): void {
  answer.setTimeout(ms, () => {
    // Where nothing waits to be sent, the answer is still being made.
    if (answer.socket?.writableLength) answer.destroy();
  });
}

/** Programs hardly ever send requests at once; each that waits is in memory. */
const MOST_WAITING = 100;
const waiting = new WeakMap<Socket, number>();

/**
 * Waits for the answers to earlier requests of a connection (pipelining), so that only one answer of it is in memory. A connection on which
 * more than 100 requests wait is ended; what waits for one that has ended waits for ever.
 */
export async function answersBefore(answer: ServerResponse): Promise<void> {
  if (answer.socket) return;
  const { socket } = answer.req;
  const count = waiting.get(socket) ?? 0;
  if (count === MOST_WAITING) socket.destroy();
  else waiting.set(socket, count + 1);
  await once(answer, 'socket');
  waiting.set(socket, (waiting.get(socket) ?? 1) - 1);
}

/** Pauses between attempts: each twice as long as the one before, up to a limit. */
export class Backoff {
  #nextMs: number;

  constructor(
    readonly firstMs: number,
    readonly longestMs: number,
  ) {
    this.#nextMs = firstMs;
  }

  /** The pause that `next` gives, milliseconds. */
  get nextMs(): number {
    return this.#nextMs;
  }

  /** How long to wait before the next attempt, milliseconds. */
  next(): number {
    const ms = this.#nextMs;
    this.#nextMs = Math.min(ms * 2, this.longestMs);
    return ms;
  }

  /** An attempt succeeded. */
  reset(): void {
    this.#nextMs = this.firstMs;
  }
}

/**
 * Runs an action once for many calls. Of the calls for a key within an interval, the first runs it at once and all others together at
 * the end. Keeps no process alive.
 */
export class Throttle<Key> {
  /** Keys whose interval has not ended, and whether the action is to run at its end. */
  readonly #waiting = new Map<Key, boolean>();

  /**
   * @param intervalMs milliseconds
   * @param run must not throw
   * @param options.leading whether the first call runs the action at once; else it runs only at the end. Default true
   */
  constructor(
    private readonly intervalMs: number,
    private readonly run: (key: Key) => void,
    private readonly options: { leading?: boolean } = {},
  ) {}

  call(key: Key): void {
    if (this.#waiting.has(key)) {
      this.#waiting.set(key, true);
      return;
    }
    const { leading = true } = this.options;
    this.#waiting.set(key, !leading);
    setTimeout(() => {
      const isDue = this.#waiting.get(key);
      this.#waiting.delete(key);
      if (!isDue) return;
      if (leading) this.call(key);
      else this.run(key);
    }, this.intervalMs).unref();
    if (leading) this.run(key);
  }
}

/** Keeps the process alive until a promise is settled: idle connections do not, even while they are being closed. */
export async function keepingAlive<T>(settling: Promise<T>): Promise<T> {
  const timer = setInterval(() => {}, 60_000);
  try {
    return await settling;
  } finally {
    clearInterval(timer);
  }
}
