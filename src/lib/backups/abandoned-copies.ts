// Copies of a tenant's rows in databases that were given up as lost: by moves (`--forget-source`, `--forget-target`) and by restores
// into another database (`--source-lost`). Such a database may be back.
import { BEGIN_COPYING, deleteRows, inTransaction, readTables } from '@/lib/tenant-data/rows';
import type { BackupDependencies } from './dependencies';
import { recorded } from './records';
import { asMover } from './source';

export interface RemovedCopy {
  /** Id of the data source. */
  dataSource: string;
  rows: number;
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
    `select l ->> 'dataSource' as "dataSource", l ->> 'name' as "idThere"
       from moves cross join jsonb_array_elements(progress -> 'left') l where tenant_id = $1 and l ->> 'kind' = 'rows'
     union select left_source, into_id::text from restores where into_tenant = $1 and state = 'done' and left_source is not null`,
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
