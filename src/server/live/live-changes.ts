import type { ApplicationDatabase } from '@/lib/application';
import type { DataSourceManager } from '@/lib/data-sources/manager';
import { Throttle } from '@/lib/time';
import { RequestError } from '../errors';

/** Streams that this process keeps open for one user, and for all of one tenant's. */
const MOST_OF_USER = 20;
const MOST_OF_TENANT = 300;
/** While a tenant's data changes without a pause, watchers are notified at this interval, ms. */
const NOTIFY_EVERY_MS = 200;

type Notify = () => void;

/** Announced changes of tenants' data, and the limits of the event streams that tell screens of them. */
export class LiveChanges {
  readonly #watchers = new Map<string, Set<Notify>>();
  readonly #endings = new Set<() => void>();
  /** Open streams, by tenant and by user. */
  readonly #open = new Map<string, number>();
  readonly #throttle = new Throttle<string>(NOTIFY_EVERY_MS, (tenantId) => this.#notify(tenantId));
  #listening: Promise<unknown> | undefined;

  constructor(
    private readonly application: Pick<ApplicationDatabase, 'listenToChanges'>,
    private readonly manager: Pick<DataSourceManager, 'noteWrite'>,
  ) {}

  /**
   * Counts a stream as open. @returns a function to call when it is closed
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

  /** Calls `notify` for each change of a tenant's data. @returns a function that stops it */
  async watch(tenantId: string, notify: Notify): Promise<() => void> {
    this.#listening ??= this.application.listenToChanges((changed) => {
      for (const tenant of changed === undefined ? this.#watchers.keys() : [changed])
        if (this.#watchers.has(tenant)) this.#throttle.call(tenant);
    });
    await this.#listening.catch((error: unknown) => {
      this.#listening = undefined;
      throw error;
    });
    const watchers = this.#watchers.get(tenantId) ?? new Set();
    this.#watchers.set(tenantId, watchers.add(notify));
    return () => {
      watchers.delete(notify);
      if (watchers.size === 0 && this.#watchers.get(tenantId) === watchers) this.#watchers.delete(tenantId);
    };
  }

  #notify(tenantId: string): void {
    const watchers = this.#watchers.get(tenantId);
    if (!watchers) return;
    this.manager.noteWrite(tenantId);
    for (const notify of watchers) notify();
  }

  /** Calls `end` when the server closes. @returns a function that unregisters `end` */
  onClose(end: () => void): () => void {
    this.#endings.add(end);
    return () => this.#endings.delete(end);
  }

  /** Ends every stream, so that the server need not wait for them; browsers connect to another process. */
  close(): void {
    for (const end of this.#endings) end();
  }
}
