// Which rows changed, for the open screens of each tenant.
import { setImmediate as afterPendingEvents } from 'node:timers/promises';
import type { UserRole } from '@/lib/application';
import type { ServerDependencies } from '../dependencies';
import {
  EXTEND_EVERY_MS,
  extendLease,
  LEASE_LOST_MS,
  overlapBefore,
  type PublishedTable,
} from '../realtime/changed-rows';
import { SerialWork } from '../realtime/serial-work';
import type { LiveChanges } from './live-changes';

/** Transactions that began before the lease are not logged: so long, screens read everything after each change. */
const SETTLING_MS = 2_000;
/** Tables and screens named in one event; beyond that it says that anything may have changed. */
const MOST_CHANGES = 100;
/** Streams written to before the event loop continues: writing to 250 at once delayed every tenant’s requests. */
const STREAMS_PER_BATCH = 20;

/** Changed rows of one table, made by one screen. */
export interface TableChange {
  table: string;
  /** Null where there are many, or where the user may not see each row of the table: then only the table is named. */
  ids: string[] | null;
  /** The screen that changed them; null for a program. */
  screen: string | null;
}

interface Screen {
  role: UserRole;
  /** @param changes JSON of `TableChange[]`; empty where anything may have changed */
  send(changes: string): void;
}

interface Cursor {
  origin: string;
  seen: string;
  since: string;
}

interface ChangedIds {
  origin: string;
  seen: string;
  now: string;
  changes: TableChange[];
}

/** The changes of the tenants that have screens open in this process. */
export class ScreenChanges {
  readonly #tenants = new Map<string, TenantChanges>();

  constructor(
    private readonly parts: ServerDependencies,
    private readonly live: LiveChanges,
  ) {}

  /** Sends a screen the changes of its tenant, from when this resolves. @returns a function that stops it */
  async watch(tenantId: string, screen: Screen): Promise<() => void> {
    const changes =
      this.#tenants.get(tenantId) ??
      new TenantChanges(this.parts, this.live, tenantId, () => this.#tenants.delete(tenantId));
    this.#tenants.set(tenantId, changes);
    return changes.add(screen);
  }

  close(): void {
    for (const changes of this.#tenants.values()) changes.close();
  }
}

/**
 * Reads the log of one tenant's changed rows after each announced change. Where that fails, its screens are notified that anything may have
 * changed.
 */
class TenantChanges {
  readonly #screens = new Set<Screen>();
  #tables: Record<string, PublishedTable> = {};
  #cursor: Cursor | undefined;
  #extendedAt = 0;
  #settledAt = 0;
  readonly #work = new SerialWork();
  #timer: NodeJS.Timeout | undefined;
  #stopWatching: Promise<() => void> | undefined;

  constructor(
    private readonly parts: ServerDependencies,
    private readonly live: LiveChanges,
    private readonly tenantId: string,
    private readonly onClose: () => void,
  ) {}

  async add(screen: Screen): Promise<() => void> {
    this.#screens.add(screen);
    const stop = () => {
      this.#screens.delete(screen);
    };
    try {
      this.#stopWatching ??= this.live.watch(this.tenantId, () => this.#soon());
      await this.#stopWatching;
      this.#timer ??= setInterval(() => this.#beat(), EXTEND_EVERY_MS).unref();
      await this.#work.run(() => this.#begin());
    } catch (error) {
      stop();
      this.close();
      throw error;
    }
    return stop;
  }

  /** The lease ends by itself. */
  close(): void {
    clearInterval(this.#timer);
    void this.#stopWatching?.then((stop) => stop()).catch(() => {});
    this.onClose();
  }

  /** Screens often leave for a moment only: a tenant is forgotten at the next beat. */
  #beat(): void {
    if (this.#screens.size === 0) this.close();
    else void this.#work.run(() => this.#extend()).catch(() => {});
  }

  async #begin(): Promise<void> {
    if (this.#cursor) return;
    try {
      await this.#extend();
      await this.#read({});
      this.#settledAt = Date.now() + SETTLING_MS;
    } catch (err) {
      // Until it succeeds, screens are notified of each change without its details.
      this.parts.logger.warn({ err, tenantId: this.tenantId }, 'changed rows not logged for screens');
    }
  }

  async #extend(): Promise<void> {
    const client = await this.parts.manager.getClientForTenant(this.tenantId, true);
    const at = Date.now();
    this.#tables = await extendLease(client, 'ids');
    this.#extendedAt = at;
  }

  /** Schedules one reading for all announcements until then. */
  #soon(): void {
    if (this.#screens.size === 0) return;
    this.#work
      .request(async () => this.#tell(await this.#changes()))
      ?.catch((err) => this.parts.logger.error({ err, tenantId: this.tenantId }, 'screens not notified'));
  }

  /** What changed since the last reading; undefined where it is not known. */
  async #changes(): Promise<TableChange[] | undefined> {
    if (Date.now() - this.#extendedAt > LEASE_LOST_MS) this.#cursor = undefined;
    if (!this.#cursor) {
      await this.#begin();
      return undefined;
    }
    try {
      const { origin } = this.#cursor;
      const changes = await this.#read(this.#cursor);
      if (this.#cursor.origin !== origin) {
        // The tenant has moved, perhaps without its lease.
        this.#cursor = undefined;
        await this.#begin();
        return undefined;
      }
      return Date.now() < this.#settledAt || changes.length > MOST_CHANGES ? undefined : changes;
    } catch (err) {
      this.parts.logger.warn({ err, tenantId: this.tenantId }, 'changed rows not read');
      return undefined;
    }
  }

  async #read(cursor: Partial<Cursor>): Promise<TableChange[]> {
    const client = await this.parts.manager.getClientForTenant(this.tenantId, true);
    const { data } = await client
      .rpc('changed_ids', cursor as Record<string, string>, { get: true })
      .throwOnError();
    const { origin, seen, now, changes } = data as unknown as ChangedIds;
    this.#cursor = { origin, seen, since: overlapBefore(now) };
    return changes;
  }

  async #tell(changes: TableChange[] | undefined): Promise<void> {
    if (changes?.length === 0) return;
    const texts = new Map<UserRole, string>();
    let notified = 0;
    for (const screen of this.#screens) {
      const text =
        texts.get(screen.role) ?? (changes ? JSON.stringify(this.#asSeenBy(screen.role, changes)) : '');
      texts.set(screen.role, text);
      screen.send(text);
      notified += 1;
      if (notified % STREAMS_PER_BATCH === 0) await afterPendingEvents();
    }
  }

  /** Ids of rows that users of the role may not see are left out. */
  #asSeenBy(role: UserRole, changes: TableChange[]): TableChange[] {
    return changes.map((change) => {
      const { roles, partial } = this.#tables[change.table] ?? {};
      const seesEachRow =
        roles?.includes(role) && (partial === '' || (partial === 'staff' && role !== 'staff'));
      return seesEachRow ? change : { ...change, ids: null };
    });
  }
}
