import type { TenantClient } from '@/lib/data-sources';
import { RepositoryError, type RequestError, requestFailure } from './errors';
import { applyFilter, type Filter } from './filter';
import { completeSort, following, readCursor, type Sort, type SortColumn, writeCursor } from './keyset';
import { tableNamed } from './table-named';
import type { InsertOf, RowOf, TableName, UpdateOf } from './table-types';

/** Which rows `list` returns, in which order, and which page of them. */
export interface ListOptions<Row> {
  /** Default: all rows. */
  filter?: Filter<Row>;
  /** Default: by id. The id always breaks ties. */
  sort?: readonly Sort<Row>[];
  /** Number of rows in a page. Default 50. */
  limit?: number;
  /** Page by position: number of rows to skip. */
  offset?: number;
  /** Page by keyset: `next` of the previous page. Every page costs the same, and no row is missed. Use it with the same `sort`. */
  after?: string;
  /** Whether to count all rows that match the filter, in a second request. Default false. */
  withTotal?: boolean;
}

/** One page of a list. */
export interface Page<Row> {
  rows: Row[];
  /** The cursor for `after`; null if this is the last page. */
  next: string | null;
  /** The number of all rows that match the filter; null without `withTotal`. */
  total: number | null;
}

const DEFAULT_LIMIT = 50;

type Answer = { data: unknown; error: RequestError | null; status: number; count?: number | null };
type Query = ReturnType<ReturnType<typeof tableNamed>['select']>;

/**
 * One table of one tenant, read and written through the tenant's client. Besides the codes that are named, every method throws
 * RepositoryError `permission_denied` or `data_source_failed`, or DataSourceError with the code that the client's request was refused with.
 *
 * @example
 * const client = await dataSourceManager.getClientForTenant(tenantId, true);
 * const accounts = new GenericRepository(client, 'accounts');
 * const page = await accounts.list({ filter: { status: 'active' }, sort: [{ column: 'name' }] });
 */
export class GenericRepository<Table extends TableName> {
  /** @param client from `dataSourceManager.getClientForTenant` */
  constructor(
    protected readonly client: TenantClient,
    readonly table: Table,
  ) {}

  /** The row, or undefined. @throws RepositoryError `record_invalid` if the id has the wrong form */
  async find(id: string): Promise<RowOf<Table> | undefined> {
    const rows = await this.#rows(this.#select().eq('id', id).limit(1));
    return rows[0];
  }

  /** The row. @throws RepositoryError `record_not_found`, `record_invalid` */
  async get(id: string): Promise<RowOf<Table>> {
    const row = await this.find(id);
    if (!row) throw this.#notFound(id);
    return row;
  }

  /** The first row that matches the filter, or undefined. @throws RepositoryError `record_invalid` */
  async findOne(
    filter: Filter<RowOf<Table>>,
    sort: readonly Sort<RowOf<Table>>[] = [],
  ): Promise<RowOf<Table> | undefined> {
    const { rows } = await this.list({ filter, sort, limit: 1 });
    return rows[0];
  }

  /**
   * A page of rows.
   *
   * @throws RepositoryError `cursor_invalid`, `record_invalid` (unknown column, value of the wrong form)
   */
  async list(options: ListOptions<RowOf<Table>> = {}): Promise<Page<RowOf<Table>>> {
    const { limit = DEFAULT_LIMIT, offset = 0, after } = options;
    const filter = this.scope(options.filter ?? {});
    const sort = completeSort(options.sort ?? []);
    let query = applyFilter(this.#select(), filter);
    if (after !== undefined) query = query.or(following(sort, readCursor(sort, after)));
    // One row more than a page shows whether there is a next one.
    query = order(query, sort).range(offset, offset + limit);
    // The total is of the whole list, which the position of a keyset page narrows: so it is a request of its own.
    const [found, total] = await Promise.all([
      this.#rows(query),
      options.withTotal ? this.count(options.filter) : null,
    ]);
    const rows = found.slice(0, limit);
    const last = rows.at(-1);
    return { rows, next: found.length > limit && last ? writeCursor(sort, last) : null, total };
  }

  /** Every row that matches the filter, fetched page by page by keyset. @throws RepositoryError `record_invalid`, at the first `next` */
  async *each(
    options: Omit<ListOptions<RowOf<Table>>, 'offset' | 'after' | 'withTotal'> = {},
  ): AsyncGenerator<RowOf<Table>> {
    let after: string | undefined;
    do {
      const page: Page<RowOf<Table>> = await this.list({
        ...options,
        ...(after === undefined ? {} : { after }),
      });
      yield* page.rows;
      after = page.next ?? undefined;
    } while (after !== undefined);
  }

  /** Creates a row. @throws RepositoryError `record_conflict`, `record_referenced`, `record_invalid`, `rule_violated` */
  async create(row: InsertOf<Table>): Promise<RowOf<Table>> {
    const [created] = await this.createMany([row]);
    if (!created) throw this.#hidden();
    return created;
  }

  /** Creates all rows or none, in one request. Columns that a row leaves out take their defaults. @throws as `create` */
  async createMany(rows: readonly InsertOf<Table>[]): Promise<RowOf<Table>[]> {
    if (rows.length === 0) return [];
    return this.#rows(
      this.#table()
        .insert([...rows], { defaultToNull: false })
        .select('*'),
    );
  }

  /**
   * Changes the columns given.
   *
   * @param expected.version the version that was read: the change is refused if the row has been changed since
   * @throws RepositoryError `record_stale`, `record_not_found`, and as `create`
   */
  async update(
    id: string,
    changes: UpdateOf<Table>,
    expected: { version?: number } = {},
  ): Promise<RowOf<Table>> {
    let query = this.#table().update(changes).eq('id', id);
    if (expected.version !== undefined) query = query.eq('version', expected.version);
    const [updated] = await this.#rows(query.select('*'));
    return updated ?? this.#refused(id, expected.version);
  }

  /**
   * Deletes the row.
   *
   * @param expected.version as for `update`
   * @throws RepositoryError `record_referenced`, `record_stale`, `record_not_found`, `record_invalid`, `rule_violated`
   */
  async delete(id: string, expected: { version?: number } = {}): Promise<void> {
    let query = this.#table().delete().eq('id', id);
    if (expected.version !== undefined) query = query.eq('version', expected.version);
    const [deleted] = await this.#rows(query.select('*'));
    if (!deleted) await this.#refused(id, expected.version);
  }

  /** The number of rows that match the filter. @throws RepositoryError `record_invalid` */
  async count(filter: Filter<RowOf<Table>> = {}): Promise<number> {
    const counting = this.#select({ count: 'exact', head: true });
    const { count, error, status } = await applyFilter(counting, this.scope(filter));
    if (error) throw requestFailure(this.table, error, status);
    return count ?? 0;
  }

  /** Whether any row matches the filter. @throws RepositoryError `record_invalid` */
  async exists(filter: Filter<RowOf<Table>>): Promise<boolean> {
    const ids: Query = this.#table().select('id');
    return (await this.#rows(applyFilter(ids, this.scope(filter)).limit(1))).length > 0;
  }

  /** The filter that lists and counts use. A subclass may narrow it. */
  protected scope(filter: Filter<RowOf<Table>>): Readonly<Record<string, unknown>> {
    return filter;
  }

  /** Untyped, since the compiler cannot resolve the columns of a type parameter. The methods of this class are typed. */
  #table() {
    return tableNamed(this.client, this.table);
  }

  #select(options: { count?: 'exact'; head?: boolean } = {}): Query {
    return this.#table().select('*', options);
  }

  async #rows(query: PromiseLike<Answer>): Promise<RowOf<Table>[]> {
    const { data, error, status } = await query;
    if (error) throw requestFailure(this.table, error, status);
    return (data ?? []) as RowOf<Table>[];
  }

  /** Throws the reason why nothing was changed: the row is missing, has another version, or may not be changed. */
  async #refused(id: string, version: number | undefined): Promise<never> {
    const row = (await this.find(id)) as { version?: number } | undefined;
    if (!row) throw this.#notFound(id);
    if (version !== undefined && row.version !== version) {
      throw new RepositoryError(
        'record_stale',
        `${this.table}: the row is at version ${row.version} now, not ${version}.`,
        { hint: 'Someone else changed it. Read it again and repeat the change.' },
      );
    }
    throw new RepositoryError('permission_denied', `${this.table}: this row may not be changed.`, {
      hint: 'Ask someone whose role allows it.',
    });
  }

  #notFound(id: string): RepositoryError {
    return new RepositoryError('record_not_found', `${this.table}: there is no row ${id}.`, {
      hint: 'It may have been deleted, or belong to another tenant.',
    });
  }

  #hidden(): RepositoryError {
    return new RepositoryError('permission_denied', `${this.table}: the row may not be read.`, {
      hint: 'Ask someone whose role allows it.',
    });
  }
}

function order(query: Query, sort: readonly SortColumn[]): Query {
  let ordered = query;
  for (const { column, ascending, nullsFirst } of sort)
    ordered = ordered.order(column, { ascending, nullsFirst });
  return ordered;
}
