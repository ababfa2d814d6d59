import { type QueryClient, useMutation, useQueryClient } from '@tanstack/react-query';
import type { Database } from '@/lib/tenant-data/types';
import { database, tableNamed, unwrap } from './database';
import { Conflict, Failure } from './failures';
import type { Changes, Row, TableName } from './query';

interface Saving<Name extends TableName> {
  /** Absent for a new record. */
  id?: string;
  changes: Changes<Name>;
  /** The version that was read. The update is refused if the record has been saved since. */
  version?: number;
}

type Snapshot = [readonly unknown[], unknown][];

/**
 * Saves a record with an optimistic update, rolled back if the database refuses the change.
 *
 * @param options `showsFailure`: the caller displays the error, so no notification is shown
 * @throws (by the mutation) Conflict, Failure
 */
export function useSaveRecord<Name extends TableName>(table: Name, options: { showsFailure?: boolean } = {}) {
  const client = useQueryClient();
  return useMutation({
    meta: options,
    mutationFn: async ({ id, changes, version }: Saving<Name>) => {
      if (id === undefined) {
        return unwrap(await tableNamed(table).insert(changes).select('*').single()) as Row<Name>;
      }
      let update = tableNamed(table).update(changes).eq('id', id);
      if (version !== undefined) update = update.eq('version', version);
      const [saved] = unwrap(await update.select('*')) as Row<Name>[];
      return saved ?? (await whyNot(table, id, version));
    },
    onMutate: ({ id, changes }): Promise<Snapshot> => (id ? show(client, table, id, changes) : none),
    onError: (_error, _saving, shown) => takeBack(client, shown),
    onSettled: () => forgetStale(client, table),
  });
}

/** Maximum number of ids per request, limited by URL length. */
const IDS_AT_ONCE = 200;

/** Applies the same change to many records. */
export function useSaveRecords<Name extends TableName>(table: Name) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ ids, changes }: { ids: string[]; changes: Changes<Name> }) =>
      inParts(ids, async (some) => {
        return unwrap(await tableNamed(table).update(changes).in('id', some).select('*')) as Row<Name>[];
      }),
    onSettled: () => forgetStale(client, table),
  });
}

/** Sets one column of many records. @returns (by the mutation) the changed ids and each previous value */
export function useSetColumn<Name extends TableName>(table: Name) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ ids, column, value }: { ids: string[]; column: string; value: unknown }) => {
      // Read from the database: the list in the cache is only partly loaded.
      const before = await inParts(ids, async (some) => {
        const query = tableNamed(table).select(`id,${column}`).in('id', some);
        return unwrap(await query) as unknown as ({ id: string } & Record<string, unknown>)[];
      });
      const changes = { [column]: value } as Changes<Name>;
      const changed = await inParts(ids, async (some) => {
        return unwrap(await tableNamed(table).update(changes).in('id', some).select('id')) as {
          id: string;
        }[];
      });
      const done = new Set(changed.map(({ id }) => id));
      return before.filter(({ id }) => done.has(id)).map((row) => ({ id: row.id, value: row[column] }));
    },
    onSettled: () => forgetStale(client, table),
  });
}

async function inParts<Result>(
  ids: readonly string[],
  work: (some: string[]) => Promise<Result[]>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let from = 0; from < ids.length; from += IDS_AT_ONCE) {
    results.push(...(await work(ids.slice(from, from + IDS_AT_ONCE))));
  }
  return results;
}

/** Adds many records in one request: all or none. */
export function useAddRecords<Name extends TableName>(table: Name) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (rows: Changes<Name>[]) => {
      unwrap(await tableNamed(table).insert(rows, { defaultToNull: false }));
      return rows.length;
    },
    onSettled: () => forgetStale(client, table),
  });
}

/** Deletes records. @returns (by the mutation) the rows before deletion */
export function useDeleteRecord<Name extends TableName>(table: Name) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (ids: string | string[]) =>
      inParts([ids].flat(), async (some) => {
        return unwrap(await tableNamed(table).delete().in('id', some).select('*')) as Row<Name>[];
      }),
    onSettled: () => forgetStale(client, table),
  });
}

type Functions = Database['public']['Functions'];

/** Calls a database function in one transaction. Invalidates every cached record, since any of them may have changed. */
export function useRpc<Name extends keyof Functions>(name: Name) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (parameters: Functions[Name]['Args']) =>
      unwrap(await database.rpc(name, parameters ?? {})) as Functions[Name]['Returns'],
    onSettled: () => {
      void client.invalidateQueries({ queryKey: ['records'] });
    },
  });
}

/** Explains an update that matched no row: deleted, changed by another user, or no longer permitted. @throws Failure */
async function whyNot(table: TableName, id: string, version: number | undefined): Promise<never> {
  const now = unwrap(await tableNamed(table).select('version').eq('id', id).maybeSingle()) as {
    version: number;
  } | null;
  if (!now) throw new Failure('record_gone', 'It is not there any more, or no longer for you to see.');
  if (version !== undefined && now.version !== version) throw new Conflict();
  throw new Failure('42501', 'You may not change this.');
}

const none: Promise<Snapshot> = Promise.resolve([]);

/** Applies a change to every cached query that holds the record. @returns the previous cache entries, for a rollback */
async function show(client: QueryClient, table: TableName, id: string, changes: object): Promise<Snapshot> {
  const filter = { queryKey: ['records', table] };
  await client.cancelQueries(filter);
  const before = client.getQueriesData(filter);
  client.setQueriesData(filter, (data: unknown) => withChange(data, id, changes));
  return before as Snapshot;
}

function withChange(data: unknown, id: string, changes: object): unknown {
  if (Array.isArray(data)) return data.map((row) => withChange(row, id, changes));
  if (typeof data !== 'object' || data === null) return data;
  if ('rows' in data) return { ...data, rows: withChange(data.rows, id, changes) };
  return 'id' in data && data.id === id ? { ...data, ...changes } : data;
}

function takeBack(client: QueryClient, shown: Snapshot | undefined): void {
  for (const [key, data] of shown ?? []) client.setQueryData(key, data);
}

/** Parent documents whose totals the database computes from these tables. */
const PARENTS: Partial<Record<TableName, TableName>> = {
  opportunity_line_items: 'opportunities',
  quote_line_items: 'quotes',
  invoice_line_items: 'invoices',
};

/** Invalidates queries on the table, and queries that embed it. */
function forgetStale(client: QueryClient, table: TableName): void {
  // Not awaited: the mutation is complete once the database has confirmed it.
  void client.invalidateQueries({
    predicate: ({ queryKey }) =>
      queryKey[0] === 'records' &&
      (queryKey[1] === table ||
        queryKey[1] === PARENTS[table] ||
        queryKey[1] === 'answer' ||
        JSON.stringify(queryKey).includes(table)),
  });
}
