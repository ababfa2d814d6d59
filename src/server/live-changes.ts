import type { ApplicationDatabase } from '@/lib/application';
import type { DataSourceManager } from '@/lib/data-sources/manager';
import { RequestError } from './errors';

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
  /** Tenants whose watchers were notified a moment ago, and whether they must be again. */
  readonly #recent = new Map<string, boolean>();
  #listening: Promise<unknown> | undefined;

  constructor(
    private readonly application: Pick<ApplicationDatabase, 'listenToChanges'>,
    private readonly manager: Pick<DataSourceManager, 'noteWrite'>,
  ) {}

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

  /** Calls `notify` for each change of a tenant's data. @returns stops that */
  async watch(tenantId: string, notify: Notify): Promise<() => void> {
    this.#listening ??= this.application.listenToChanges((changed) => {
      for (const tenant of changed === undefined ? this.#watchers.keys() : [changed]) this.#changed(tenant);
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

  /** Notifies at once, and then once for all changes of the next moment. */
  #changed(tenantId: string): void {
    if (!this.#watchers.has(tenantId)) return;
    if (this.#recent.has(tenantId)) {
      this.#recent.set(tenantId, true);
      return;
    }
    this.#recent.set(tenantId, false);
    this.manager.noteWrite(tenantId);
    setTimeout(() => {
      const isChanged = this.#recent.get(tenantId);
      this.#recent.delete(tenantId);
      if (isChanged) this.#changed(tenantId);
    }, NOTIFY_EVERY_MS).unref();
    for (const notify of this.#watchers.get(tenantId) ?? []) notify();
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
