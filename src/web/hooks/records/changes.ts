import { type QueryClient, useMutation, useQueryClient } from '@tanstack/react-query';
import type { Database } from '@/lib/tenant-data/types';
import { shows } from '../live/shown-tables';
import { queuedEdits, queueEdit } from '../offline/edit-queue';
import { database, tableNamed, unwrap } from '../request/database';
import { Conflict, Failure, isUnreachable } from '../request/failures';
import type { Changes, Row, TableName } from '../request/query';
import { type ColumnChange, inParts, setColumn } from './set-column';

interface Saving<Name extends TableName> {
  /** Absent for a new record. */
  id?: string;
  changes: Changes<Name>;
  /** The version that was read. The update is refused if the record has been saved since. */
  version?: number;
  /**
   * Keeps an update on this device if the server cannot be reached, and sends it later. `seen`: the row as it was read; `group`: the
   * record whose actions wait for it, such as `quotes:ID`; `label`: what is changed, for people.
   */
  offline?: { group: string; label: string; seen: { id: string; version: number } };
}

type Snapshot = [readonly unknown[], unknown][];

interface SaveOptions {
  /** The caller displays the error, so no notification is shown. */
  showsFailure?: boolean;
  /** Adds a new record in place of an insert. */
  add?: ((values: Record<string, unknown>) => Promise<unknown>) | undefined;
}

/**
 * Saves a record with an optimistic update, rolled back if the database refuses the change.
 *
 * @throws (by the mutation) Conflict, Failure
 */
export function useSaveRecord<Name extends TableName>(
  table: Name,
  { showsFailure = false, add }: SaveOptions = {},
) {
  const client = useQueryClient();
  return useMutation({
    meta: { showsFailure },
    mutationFn: async (saving: Saving<Name>) => {
      const { id, changes, version, offline } = saving;
      if (id === undefined) {
        if (add) return (await add(changes)) as Row<Name>;
        return unwrap(await tableNamed(table).insert(changes).select('*').single()) as Row<Name>;
      }
      if (offline) return saveOrQueue(table, { ...saving, offline });
      return update(table, id, changes, version);
    },
    onMutate: ({ id, changes }): Promise<Snapshot> => (id ? show(client, table, id, changes) : none),
    onError: (_error, _saving, shown) => takeBack(client, shown),
    onSettled: () => forgetStale(client, table),
  });
}

const keyOf = (table: TableName, id: string) => `${table}:${id}`;

/** Whether an edit of this row waits on this device. */
export const isQueued = (table: TableName, id: string) =>
  queuedEdits().some((edit) => edit.key === keyOf(table, id));

async function update<Name extends TableName>(
  table: Name,
  id: string,
  changes: Changes<Name>,
  version: number | undefined,
): Promise<Row<Name>> {
  let query = tableNamed(table).update(changes).eq('id', id);
  if (version !== undefined) query = query.eq('version', version);
  const [saved] = unwrap(await query.select('*')) as Row<Name>[];
  return saved ?? (await whyNot(table, id, version));
}

/** Saves an update, or queues it if the server cannot be reached or an earlier edit of the row still waits. */
async function saveOrQueue<Name extends TableName>(
  table: Name,
  {
    changes,
    version,
    offline: { group, label, seen },
  }: Saving<Name> & Required<Pick<Saving<Name>, 'offline'>>,
): Promise<Row<Name>> {
  const key = keyOf(table, seen.id);
  if (!isQueued(table, seen.id)) {
    try {
      return await update(table, seen.id, changes, version);
    } catch (error) {
      if (!isUnreachable(error)) throw error;
    }
  }
  const own = seen as unknown as Record<string, unknown>;
  const base = Object.fromEntries(Object.keys(changes).map((column) => [column, own[column] ?? null]));
  await queueEdit({
    ...{ kind: 'row', key, group, label, table, id: seen.id, version: seen.version, base },
    changes: changes as Record<string, unknown>,
  });
  return { ...seen, ...changes } as unknown as Row<Name>;
}

/** Sets one column of many records. @returns (by the mutation) as `setColumn` */
export function useSetColumn<Name extends TableName>(table: Name) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: ColumnChange) => setColumn(table, change),
    onSettled: () => forgetStale(client, table),
  });
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
export function useRpc<Name extends keyof Functions>(name: Name, options: { showsFailure?: boolean } = {}) {
  const client = useQueryClient();
  return useMutation({
    meta: options,
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
  if (!now) throw new Failure('record_gone', 'It was deleted, or you no longer have access to it.');
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
        shows(queryKey, table)),
  });
}
