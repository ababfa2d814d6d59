import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { ApplicationDatabase } from '@/lib/application';
import { pause } from '@/lib/time';
import { type Environment, requireTenantContext, type ServerParts } from './context';
import { RequestError } from './errors';

/** Interval of heartbeats; each also checks the session. */
const BEAT_MS = 20_000;
/** How long a browser waits before it connects again. */
const RETRY_MS = 2_000;
/** Streams that this process keeps open for one user, and for all of one tenant's. */
const MOST_OF_USER = 20;
const MOST_OF_TENANT = 300;
/** Streams written to before other work of the process has its turn: writing to 250 at once delayed every tenant's requests. */
const STREAMS_A_TURN = 20;
/** Events that may wait for a client that does not read; it then connects again. */
const MOST_UNREAD = 100;

type Tell = (origin: string) => void;

/** Event streams of open screens, by tenant: each is notified of changes that other screens make. */
export class LiveChanges {
  readonly #screens = new Map<string, Set<Tell>>();
  readonly #endings = new Set<() => void>();
  /** Open streams, by tenant and by user. */
  readonly #open = new Map<string, number>();
  /** Changes that screens have not been notified of yet, oldest first; one entry for equal ones. */
  readonly #pending = new Map<string, [tenantId: string, origin: string]>();
  #isNotifying = false;
  #listening: Promise<unknown> | undefined;

  constructor(private readonly application: Pick<ApplicationDatabase, 'listenToChanges'>) {}

  /**
   * Counts a stream in. @returns counts it out
   *
   * @throws RequestError `too_many_streams`
   */
  admit(tenantId: string, userId: string): () => void {
    const limits: [owner: string, most: number, whose: string][] = [
      [userId, MOST_OF_USER, 'You have'],
      [tenantId, MOST_OF_TENANT, 'Your company has'],
    ];
    for (const [owner, most, whose] of limits) {
      if ((this.#open.get(owner) ?? 0) < most) continue;
      throw new RequestError('too_many_streams', `${whose} too many screens open (${most}).`, {
        hint: 'Close some, and reload this one.',
      });
    }
    const count = (change: 1 | -1) => {
      for (const [owner] of limits) {
        const open = (this.#open.get(owner) ?? 0) + change;
        if (open > 0) this.#open.set(owner, open);
        else this.#open.delete(owner);
      }
    };
    count(1);
    return () => count(-1);
  }

  /** Calls `tell` for each change of a tenant's data. @returns stops that */
  async watch(tenantId: string, tell: Tell): Promise<() => void> {
    this.#listening ??= this.application.listenToChanges((changed, origin = '') => {
      const tenants = changed === undefined ? [...this.#screens.keys()] : [changed];
      for (const tenant of tenants) this.#pending.set(`${tenant} ${origin}`, [tenant, origin]);
      void this.#notify();
    });
    await this.#listening.catch((error: unknown) => {
      this.#listening = undefined;
      throw error;
    });
    const screens = this.#screens.get(tenantId) ?? new Set();
    this.#screens.set(tenantId, screens.add(tell));
    return () => {
      screens.delete(tell);
      if (screens.size === 0 && this.#screens.get(tenantId) === screens) this.#screens.delete(tenantId);
    };
  }

  async #notify(): Promise<void> {
    if (this.#isNotifying) return;
    this.#isNotifying = true;
    try {
      for (const [key, [tenantId, origin]] of this.#pending) {
        this.#pending.delete(key);
        let notified = 0;
        for (const notifyScreen of this.#screens.get(tenantId) ?? []) {
          notifyScreen(origin);
          notified += 1;
          if (notified % STREAMS_A_TURN === 0) await nextTurn();
        }
      }
    } finally {
      this.#isNotifying = false;
    }
  }

  /** Calls `end` when the server closes. @returns forgets it */
  onClose(end: () => void): () => void {
    this.#endings.add(end);
    return () => this.#endings.delete(end);
  }

  /** Ends every stream, so that the server need not wait for them; browsers connect to another process. */
  close(): void {
    for (const end of this.#endings) end();
  }
}

/**
 * `GET /api/changes`: server-sent events, one `change` whenever the tenant's data changed; its data is the screen that
 * changed them, or empty. What changed is not sent: each screen reads it with its own rights. Ends with the session.
 */
export async function answerChanges(
  context: Context<Environment>,
  parts: ServerParts,
  live: LiveChanges,
): Promise<Response> {
  const { tenant, user } = await requireTenantContext(context, parts);
  const leave = live.admit(tenant.id, user.id);
  // Tell proxies not to buffer: the answer never ends.
  context.header('x-accel-buffering', 'no');
  return streamSSE(context, async (stream) => {
    const ended = new AbortController();
    const end = () => ended.abort();
    stream.onAbort(end);
    const forget = live.onClose(end);
    let unread = 0;
    let stop: (() => void) | undefined;
    try {
      stop = await live.watch(tenant.id, (origin) => {
        unread += 1;
        if (unread > MOST_UNREAD) return end();
        void stream.writeSSE({ event: 'change', data: origin }).then(() => {
          unread -= 1;
        }, end);
      });
      await stream.writeSSE({ event: 'ready', data: '', retry: RETRY_MS });
      while (!ended.signal.aborted) {
        await pause(BEAT_MS, { signal: ended.signal });
        if (ended.signal.aborted) break;
        await requireTenantContext(context, parts);
        await stream.writeSSE({ event: 'beat', data: '' });
      }
    } catch {
      // Signed out, suspended or disconnected: the browser reconnects and gets the error.
    } finally {
      stop?.();
      forget();
      leave();
    }
  });
}
