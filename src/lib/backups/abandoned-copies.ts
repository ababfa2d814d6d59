// Copies of a tenant's rows in databases that were given up as lost: by moves (`--forget-source`, `--forget-target`), by restores into
// another database (`--source-lost`) and by its removal (`--leave-data`). Such a database may be back.
import type pg from 'pg';
import { BEGIN_COPYING, deleteRows, inTransaction, readTables } from '@/lib/tenant-data/rows';
import type { BackupDependencies } from './dependencies';
import { recorded } from './records';
import { asMover } from './source';

export interface RemovedCopy {
  /** Id of the data source. */
  dataSource: string;
  rows: number;
}

/** `{tenant_id, data_source, id_there}` of each copy. */
const COPIES = `
  select tenant_id, l ->> 'dataSource' as data_source, l ->> 'name' as id_there
    from moves cross join jsonb_array_elements(progress -> 'left') l where l ->> 'kind' = 'rows'
  union select into_tenant, left_source, into_id::text from restores where state = 'done' and left_source is not null
  union select tenant_id, found -> 'left' ->> 'dataSource', found -> 'left' ->> 'idThere' from erasures where found ? 'left'`;

/** Ids of tenants that may have copies in a data source, because they were not erased since. */
export async function tenantsWithCopies(client: pg.ClientBase, dataSourceId: string): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `select distinct tenant_id as id from (${COPIES}) copies where data_source = $1
       and not exists (select from erasures e where e.tenant_id = copies.tenant_id and certificate is not null)`,
    [dataSourceId],
  );
  return rows.map(({ id }) => id);
}

/**
 * Removes a tenant's copies where they can be reached.
 *
 * @param last where a tenant that was removed was at last: it may have been removed without its rows
 * @returns also, in words, those that may be there still
 */
export async function removeAbandonedCopies(
  dependencies: BackupDependencies,
  tenantId: string,
  signal: AbortSignal,
  last?: Copy,
): Promise<{ removed: RemovedCopy[]; mayRemain: string[] }> {
  const { rows: copies } = await dependencies.operations.pool.query<Copy>(
    `select data_source as "dataSource", id_there as "idThere" from (${COPIES}) copies where tenant_id = $1`,
    [tenantId],
  );
  if (last && !copies.some((one) => one.dataSource === last.dataSource && one.idThere === last.idThere))
    copies.push(last);
  const removed: RemovedCopy[] = [];
  const mayRemain: string[] = [];
  for (const copy of copies) {
    const { dataSource, idThere } = copy;
    try {
      if (await isTaken(dependencies, copy)) continue;
      const rows = await removeCopy(dependencies, copy, signal);
      if (rows > 0) removed.push({ dataSource, rows });
    } catch (error) {
      signal.throwIfAborted();
      const { message } = recorded(error);
      mayRemain.push(`Rows of ${idThere} in the data source ${dataSource}: ${message}`);
    }
  }
  return { removed, mayRemain };
}

export interface Copy {
  /** Id of the data source. */
  dataSource: string;
  idThere: string;
}

/** Whether a tenant lives under the id there, or moves there, so that no copy can be left: an id is given only where there are no rows. */
async function isTaken(
  { application, operations }: BackupDependencies,
  { dataSource, idThere }: Copy,
): Promise<boolean> {
  const place = { dataSourceId: dataSource, tenantIdInDataSource: idThere, limit: 1 };
  return (
    (await application.tenants.list(place)).length > 0 ||
    (await operations.reservedIds.moveOf(dataSource, idThere)) !== undefined
  );
}

async function removeCopy(
  dependencies: BackupDependencies,
  { dataSource, idThere }: Copy,
  signal: AbortSignal,
): Promise<number> {
  const source = await dependencies.operations.dataSources.get(dataSource);
  return asMover(dependencies, source, signal, (client) =>
    inTransaction(client, BEGIN_COPYING, async () => {
      await client.query('select pg_advisory_xact_lock(tenancy.lock_key($1))', [idThere]);
      const rows = await deleteRows(client, await readTables(client), idThere);
      await client.query('delete from tenancy.fence where tenant_id = $1', [idThere]);
      return rows;
    }),
  );
}
