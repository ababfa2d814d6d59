// Keeps cached queries current while others change the company's data, with few requests: only what shows the changed table is read
// again, spread in time, and changed rows of a list are read by their ids.
import type { Query, QueryClient } from '@tanstack/react-query';
import type { TableChange } from '@/server/live/screen-changes';
import type { Reading, TableName } from '../request/query';
import { shownTables } from './shown-tables';

export type NamedChange = Pick<TableChange, 'table' | 'ids'>;

interface Reader {
  /** Reads those rows of a list that have these ids and still belong to it. */
  rows(table: TableName, reading: Reading, ids: readonly string[]): Promise<RowWithId[]>;
  /** Whether the page is visible: a hidden one reads nothing. */
  isVisible(): boolean;
}

interface RowWithId {
  id: string;
}

/** Open screens of a company hear of a change at the same moment; each reads at a moment of its own within this time, ms. */
export const SPREAD_MS = 1_200;
/** Intervals at which a list, or a figure that is counted from many rows, is read as a whole at most, ms. */
export const LIST_MS = 5_000;
export const ANSWER_MS = 10_000;
/** Rows read by their ids at once; a list with more changes is read as a whole. */
const MOST_ROWS = 100;

/** Applies changes of others to the queries of a client. */
export class LiveQueries {
  /** Ids by table; null where they are not known. */
  #changes = new Map<string, Set<string> | null>();
  #isAll = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #due = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #readAt = new Map<string, number>();
  #isClosed = false;

  constructor(
    private readonly client: QueryClient,
    private readonly reader: Reader,
  ) {}

  /** @param changes undefined where anything may have changed */
  changed(changes: readonly NamedChange[] | undefined): void {
    if (!changes) this.#isAll = true;
    for (const { table, ids } of changes ?? []) {
      const before = this.#changes.get(table);
      this.#changes.set(table, ids && before !== null ? new Set([...(before ?? []), ...ids]) : null);
    }
    this.#soon();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (const timer of this.#due.values()) clearTimeout(timer);
  }

  #soon(): void {
    if (this.#isClosed) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      // Reading during a pending mutation would show the state before it.
      if (this.client.isMutating() > 0) return this.#soon();
      void this.#apply();
    }, Math.random() * SPREAD_MS);
  }

  async #apply(): Promise<void> {
    const changes = this.#changes;
    const isAll = this.#isAll;
    this.#changes = new Map();
    this.#isAll = false;
    const patches = new Map<string, Patch>();
    for (const query of this.client.getQueryCache().findAll({ queryKey: ['records'] })) {
      const { tables, referenced } = shownTables(query.queryKey);
      const touched = [...changes].filter(([table]) => tables === 'all' || tables.has(table));
      if (isAll) this.#later(query);
      else if (touched.length > 0) this.#see(query, touched, referenced, patches);
    }
    await Promise.all([...patches.values()].map((patch) => this.#patch(patch)));
  }

  /** Decides how one query becomes current. */
  #see(
    query: Query,
    touched: [table: string, ids: Set<string> | null][],
    referenced: ReadonlySet<string>,
    patches: Map<string, Patch>,
  ): void {
    const [, table, kind, reading] = query.queryKey as [string, TableName, string, Reading | string];
    if (kind === 'one') {
      const concerns = touched.some(([name, ids]) =>
        name === table
          ? !ids || ids.has(String(reading))
          : !referenced.has(name) || holdsAny(query.state.data, ids),
      );
      if (concerns) this.#later(query, 0);
      return;
    }
    if ((kind !== 'list' && kind !== 'page') || typeof reading !== 'object') {
      this.#later(query);
      return;
    }
    const rows = rowsOf(query.state.data);
    const changed = new Set<string>();
    let isWhole = !query.isActive() || query.state.fetchStatus !== 'idle';
    for (const [name, ids] of touched) {
      if (!ids) {
        isWhole = true;
        continue;
      }
      for (const id of ids) {
        const holders =
          name === table ? rows.filter((row) => row.id === id) : rows.filter((row) => holds(row, id));
        for (const row of holders) changed.add(row.id);
        // A row that is not shown may be one that belongs to the list now.
        if (holders.length === 0 && !referenced.has(name)) isWhole = true;
      }
    }
    if (changed.size > MOST_ROWS) isWhole = true;
    else if (changed.size > 0 && query.isActive() && query.state.fetchStatus === 'idle') {
      const { order: _, limit: _limit, ...wanted } = reading;
      const key = JSON.stringify([table, wanted]);
      const patch = patches.get(key) ?? {
        table,
        reading: wanted,
        ids: new Set<string>(),
        queries: [] as Query[],
      };
      patches.set(key, patch);
      for (const id of changed) patch.ids.add(id);
      patch.queries.push(query);
    }
    if (isWhole) this.#later(query);
  }

  /** Reads changed rows of lists with the same conditions, and puts them in their places. */
  async #patch({ table, reading, ids, queries }: Patch): Promise<void> {
    try {
      if (!this.reader.isVisible()) throw new Error('hidden');
      const rows = await this.reader.rows(table, reading, [...ids]);
      // What was changed here meanwhile is newer than what was read.
      if (this.client.isMutating() > 0) throw new Error('changed meanwhile');
      const read = new Map(rows.map((row) => [row.id, row]));
      for (const query of queries) {
        const before = rowsOf(query.state.data).filter(({ id }) => ids.has(id));
        const { order = [] } = query.queryKey[3] as Reading;
        const isMoved = before.some((row) => {
          const now = read.get(row.id);
          return !now || order.some(([column]) => columnOf(now, column) !== columnOf(row, column));
        });
        this.client.setQueryData(query.queryKey, (data: unknown) => withRows(data, ids, read));
        if (isMoved) this.#later(query);
      }
    } catch {
      for (const query of queries) this.#later(query);
    }
  }

  /** Reads a query as a whole: at a moment of its own, and not again within its interval. */
  #later(query: Query, interval = query.queryKey[1] === 'answer' ? ANSWER_MS : LIST_MS): void {
    const { queryHash } = query;
    // A query that is not shown now is read when it is shown again.
    query.invalidate();
    if (!query.isActive() || this.#due.has(queryHash) || this.#isClosed) return;
    const since = Date.now() - (this.#readAt.get(queryHash) ?? 0);
    const wait = Math.max(0, interval - since) + Math.random() * SPREAD_MS;
    this.#due.set(
      queryHash,
      setTimeout(() => {
        this.#due.delete(queryHash);
        if (!query.isActive() || !this.reader.isVisible()) return;
        if (this.client.isMutating() > 0) return this.#later(query, 0);
        // Read meanwhile for another reason.
        if (!query.state.isInvalidated) return;
        this.#readAt.set(queryHash, Date.now());
        void this.client.refetchQueries({ queryKey: query.queryKey, exact: true });
      }, wait),
    );
  }
}

interface Patch {
  table: TableName;
  /** Without order: the same rows for lists that differ in it. */
  reading: Reading;
  ids: Set<string>;
  queries: Query[];
}

/** The rows of a list or of a page of one. */
function rowsOf(data: unknown): RowWithId[] {
  if (Array.isArray(data)) return data as RowWithId[];
  const rows = (data as { rows?: unknown } | undefined)?.rows;
  return Array.isArray(rows) ? (rows as RowWithId[]) : [];
}

/** The list with the rows as they are now; those that do not belong to it any more are left out. */
function withRows(data: unknown, ids: ReadonlySet<string>, read: ReadonlyMap<string, RowWithId>): unknown {
  const rows = rowsOf(data).flatMap((row) => (ids.has(row.id) ? (read.get(row.id) ?? []) : row));
  return Array.isArray(data) ? rows : { ...(data as object), rows };
}

/** Whether a row holds an id, in a column or in what is embedded. */
function holds(value: unknown, id: string): boolean {
  if (value === id) return true;
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some((part) => holds(part, id));
}

function holdsAny(value: unknown, ids: ReadonlySet<string> | null): boolean {
  return ids === null || [...ids].some((id) => holds(value, id));
}

const columnOf = (row: RowWithId, column: string) => (row as unknown as Record<string, unknown>)[column];
