// The changed rows of one tenant, for all channels of this process that listen to them.
import { isDeepStrictEqual } from 'node:util';
import { LRUCache } from 'lru-cache';
import type { TenantClient } from '@/lib/data-sources';
import { MarqueeError } from '@/lib/failures';
import { tableNamed } from '@/lib/repositories';
import type { ServerDependencies } from '../dependencies';
import type { LiveChanges } from '../live/live-changes';
import {
  EXTEND_EVERY_MS,
  extendLease,
  LEASE_LOST_MS,
  overlapBefore,
  type PublishedTable,
} from './changed-rows';
import type { Row } from './filter';
import { SerialWork } from './serial-work';
import type { Subscriber } from './subscriber';

/** Polling interval, for changes made without Marquee, which no process announces. */
const REGULAR_MS = 10_000;
/** After a failed reading. */
const RETRY_MS = 1_000;
/** Changes read at once. */
const PAGE = 500;
/** Rows read in one request: their ids are in its address. */
const ROWS_AT_ONCE = 100;
/** How long the database keeps logged changes: five minutes. */
const KEPT_MS = 280_000;
/** Deliveries remembered, so that changes read again after a move are not sent twice. */
const REMEMBERED = 20_000;

export type Operation = 'INSERT' | 'UPDATE' | 'DELETE';

export interface RowChange {
  id: string;
  at: string;
  table: string;
  type: Operation;
  record: Row;
}

/** The subscription of one channel. */
export interface Listener {
  subscriber: Subscriber;
  /** Whether the channel may want this change of this row. Called before and after the row is read with its rights. */
  wants(change: RowChange): boolean;
  /** @param record the row as the subscriber may see it; of a deleted one its key */
  send(change: RowChange, record: Row, columns: { name: string; type: string }[]): void;
  /** Resolves once its connection has sent everything. */
  drained(): Promise<void>;
  /** Called when the subscriber's rights have ended. */
  refuse(error: MarqueeError): void;
  /** Changes may have been missed. */
  warn(message: string): void;
}

/** How far the log was read; see `changed_rows`. */
interface Cursor {
  origin: string;
  seen?: string;
  upto?: string;
  since: string;
  after?: Pick<RowChange, 'at' | 'id'>;
}

interface Page {
  origin: string;
  upto: string;
  now: string;
  more: boolean;
  changes: RowChange[];
}

const MANAGERS = ['owner', 'admin', 'manager'];

/** Columns of a table that a subscriber may read. */
export function readableColumns(table: PublishedTable, { role }: Subscriber) {
  if (role === undefined) return table.columns;
  return table.columns.filter(({ users, managers }) => users || (managers && MANAGERS.includes(role)));
}

/**
 * Reads the tenant's log of changed rows after each announced change, and sends each listener those it wants and may read.
 * Holds the lease that makes the database write the log while there are listeners.
 */
export class RowFeed {
  readonly #listeners = new Set<Listener>();
  readonly #sent = new LRUCache<string, true>({ max: REMEMBERED });
  #tables: Record<string, PublishedTable> = {};
  #cursor: Cursor | undefined;
  #lastRead = Date.now();
  #extendedAt: number | undefined;
  #wasUsed = true;
  /** Readings of the log, and additions of listeners, one after the other. */
  readonly #work = new SerialWork();
  #timers: NodeJS.Timeout[] = [];
  #stopWatching: (() => void) | undefined;

  constructor(
    private readonly parts: ServerDependencies,
    private readonly live: LiveChanges,
    private readonly tenantId: string,
  ) {}

  /** Whether it had no listener since the last call. */
  isForgotten(): boolean {
    const wasUsed = this.#wasUsed || this.#listeners.size > 0;
    this.#wasUsed = false;
    return !wasUsed;
  }

  /** The tables whose row changes are published, by name. */
  tables(): Promise<Record<string, PublishedTable>> {
    this.#wasUsed = true;
    return this.#work.run(async () => {
      await this.#begin();
      return this.#tables;
    });
  }

  /** Sends the listener all changes from now on. @returns once that holds */
  async add(listener: Listener): Promise<void> {
    await this.#work.run(async () => {
      await this.#begin();
      // Changes committed before are not sent to it.
      await this.#read();
      this.#listeners.add(listener);
    });
  }

  remove(listener: Listener): void {
    this.#listeners.delete(listener);
  }

  /** Final. The lease ends by itself. */
  close(): void {
    this.#listeners.clear();
    for (const timer of this.#timers) clearInterval(timer);
    this.#stopWatching?.();
  }

  async #begin(): Promise<void> {
    if (this.#cursor) return;
    await this.#extend();
    const { origin, upto, now } = await this.#page({});
    this.#stopWatching ??= await this.live.watch(this.tenantId, () => this.#soon());
    this.#cursor = { origin, seen: upto, since: now };
    this.#timers = [
      setInterval(() => this.#soon(), REGULAR_MS).unref(),
      setInterval(() => void this.#work.run(() => this.#extend()).catch(() => {}), EXTEND_EVERY_MS).unref(),
    ];
  }

  async #extend(): Promise<void> {
    const at = Date.now();
    this.#tables = await extendLease(await this.#client(), 'rows');
    const hadLapsed = at - (this.#extendedAt ?? at) > LEASE_LOST_MS;
    this.#extendedAt = at;
    // Meanwhile the database logged no changes.
    if (hadLapsed) this.#warn();
  }

  /** Schedules one reading for all announcements until then. */
  #soon(): void {
    this.#work
      .request(() => this.#read())
      ?.catch((err) => {
        this.parts.logger.warn({ err, tenantId: this.tenantId }, 'changed rows not read');
        setTimeout(() => this.#soon(), RETRY_MS).unref();
      });
  }

  async #read(): Promise<void> {
    let more = this.#cursor !== undefined;
    if (more && Date.now() - (this.#extendedAt ?? 0) > LEASE_LOST_MS) await this.#extend();
    while (more && this.#cursor) {
      const cursor: Cursor = this.#cursor;
      const page = await this.#page(cursor);
      // After a move, the page comes from another database than the cursor's: then it is the first one there.
      const isContinued = cursor.origin === page.origin;
      const since = overlapBefore(page.now);
      if (Date.now() - this.#lastRead > KEPT_MS) this.#warn();
      await this.#deliver(page.changes.filter(({ id }) => !this.#sent.has(id)));
      this.#lastRead = Date.now();
      const last = page.changes.at(-1);
      const { origin, upto } = page;
      if (page.more && last) {
        const seen = isContinued && cursor.seen ? { seen: cursor.seen } : {};
        this.#cursor = { origin, upto, since: cursor.since, after: last, ...seen };
      } else this.#cursor = { origin, seen: upto, since };
      more = page.more;
    }
  }

  #warn(): void {
    for (const listener of this.#listeners) listener.warn('Changes were missed: read the rows again.');
  }

  async #page({ origin, seen, upto, since, after }: Partial<Cursor>): Promise<Page> {
    const given = { origin, seen, upto, since, after_at: after?.at, after_id: after?.id, most: PAGE };
    const named = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    const client = await this.#client();
    const { data } = await client.rpc('changed_rows', named, { get: true }).throwOnError();
    return data as unknown as Page;
  }

  async #deliver(changes: RowChange[]): Promise<void> {
    const byIdentity = Map.groupBy(this.#listeners, ({ subscriber }) => subscriber.identity);
    // All rows are read before the first is sent: if a read fails, the whole page is read again.
    const deliveries = await Promise.all(
      [...byIdentity.values()].map(async (listeners) => {
        const wanted = changes.filter((change) => listeners.some((one) => one.wants(change)));
        return { listeners, wanted, readable: await this.#readable(listeners, wanted) };
      }),
    );
    const busy = new Set<Listener>();
    for (const { listeners, wanted, readable } of deliveries) {
      for (const change of wanted) {
        const record = readable(change);
        if (!record) continue;
        const columns = this.#columnsOf(change.table).filter(
          ({ name }) => name in record || change.type === 'DELETE',
        );
        for (const listener of listeners) {
          if (
            !this.#listeners.has(listener) ||
            !listener.wants({ ...change, record: { ...change.record, ...record } })
          )
            continue;
          listener.send(change, record, columns);
          busy.add(listener);
        }
      }
    }
    for (const { id } of changes) this.#sent.set(id, true);
    await Promise.all([...busy].map((listener) => listener.drained()));
  }

  #columnsOf(table: string) {
    return (this.#tables[table]?.columns ?? []).map(({ name, type }) => ({ name, type }));
  }

  /** Reads the changed rows as the listeners' subscriber. @returns what of a change it may see */
  async #readable(
    listeners: Listener[],
    changes: RowChange[],
  ): Promise<(change: RowChange) => Row | undefined> {
    const { subscriber } = listeners[0] as Listener;
    const rows = new Map<string, Row>();
    const key = ({ record }: RowChange) => ({ id: record.id, tenant_id: record.tenant_id });
    if (subscriber.role === undefined) {
      return (change) => (change.type === 'DELETE' ? key(change) : change.record);
    }
    try {
      const accessToken = await subscriber.accessToken();
      const client = await this.parts.manager.getClientForTenant(this.tenantId, false, {
        ...(accessToken ? { accessToken } : {}),
      });
      const living = changes.filter(({ type }) => type !== 'DELETE');
      for (const [table, ofTable] of Map.groupBy(living, (change) => change.table)) {
        const ids = [...new Set(ofTable.map(({ record }) => String(record.id)))];
        for (let from = 0; from < ids.length; from += ROWS_AT_ONCE) {
          const some = ids.slice(from, from + ROWS_AT_ONCE);
          const { data } = await tableNamed(client, table).select().in('id', some).throwOnError();
          for (const row of data) rows.set(`${table} ${row.id}`, row);
        }
      }
    } catch (error) {
      if (!(error instanceof MarqueeError) || !error.code.startsWith('access_token')) throw error;
      for (const listener of listeners) listener.refuse(error);
    }
    return (change) => {
      const table = this.#tables[change.table];
      if (change.type === 'DELETE')
        return table?.roles?.includes(subscriber.role ?? '') ? key(change) : undefined;
      const row = rows.get(`${change.table} ${change.record.id}`);
      if (!row || !table) return undefined;
      // For a row that changed again, send its logged state, unless its policies' columns changed since.
      const same = table.decisive.every((column) => isDeepStrictEqual(row[column], change.record[column]));
      return same ? Object.fromEntries(Object.keys(row).map((name) => [name, change.record[name]])) : row;
    };
  }

  #client(): Promise<TenantClient> {
    return this.parts.manager.getClientForTenant(this.tenantId, true);
  }
}
