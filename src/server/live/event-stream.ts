import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { SignIn } from '@/lib/identity';
import { pause } from '@/lib/time';
import type { Environment } from '../context';
import type { LiveChanges } from './live-changes';

/** Events that may wait for a client that does not read; it then connects again. */
const MOST_UNREAD = 100;

interface EventStream {
  /** The tenant or group whose streams are limited together, and the user. */
  group: string;
  userId: string;
  /** Interval of heartbeats. */
  beatMs: number;
  /** How long a browser waits before it connects again. */
  retryMs: number;
  /** Calls `send` with the data of each change. @returns a function that stops it */
  watch(send: (data: string) => void): Promise<() => void>;
  /** At each heartbeat, and once the user or a session of theirs has changed: whether the stream goes on. Throws where the session has ended. */
  goesOn(): Promise<boolean>;
}

/** Server-sent events `ready`, `change` and `beat`, until the client leaves, `goesOn` ends them or the server closes. */
export function answerEvents(
  context: Context<Environment>,
  { live, signIn }: { live: LiveChanges; signIn: Pick<SignIn, 'watch'> },
  { group, userId, beatMs, retryMs, watch, goesOn }: EventStream,
): Response {
  const leave = live.admit(group, userId);
  // Tells proxies not to buffer: the answer never ends.
  context.header('x-accel-buffering', 'no');
  return streamSSE(context, async (stream) => {
    const ended = new AbortController();
    let look = new AbortController();
    const end = () => {
      ended.abort();
      look.abort();
    };
    stream.onAbort(end);
    const forget = live.onClose(end);
    const unwatch = signIn.watch((id) => {
      if (id === userId) look.abort();
    });
    let unread = 0;
    let stop: (() => void) | undefined;
    try {
      stop = await watch((data) => {
        unread += 1;
        if (unread > MOST_UNREAD) return end();
        void stream.writeSSE({ event: 'change', data }).then(() => {
          unread -= 1;
        }, end);
      });
      await stream.writeSSE({ event: 'ready', data: '', retry: retryMs });
      while (!ended.signal.aborted) {
        await pause(beatMs, { signal: look.signal });
        look = new AbortController();
        // A stream outlives sessions: this request's is looked up again.
        context.set('session', undefined);
        if (ended.signal.aborted || !(await goesOn())) break;
        await stream.writeSSE({ event: 'beat', data: '' });
      }
    } catch {
      // Signed out, suspended or disconnected: the browser reconnects and gets the error.
    } finally {
      stop?.();
      unwatch();
      forget();
      leave();
    }
  });
}
