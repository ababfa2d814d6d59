// Restores a tenant where it lives: all of its rows, a table, or single rows.
//
// The fence is closed first, then what is there is backed up, then one transaction replaces the rows, compares them and opens the
// fence. So no statement of the tenant ever sees a part of it, and a process that ends before the commit leaves the rows as they were.
import type pg from 'pg';
import { deleteRows, readTables } from '@/lib/tenant-data/rows';
import { backUp } from '../create';
import type { BackupDependencies } from '../dependencies';
import { openBackup } from '../open';
import type { Backup } from '../records';
import { asMover, sourceOf } from '../source';
import { openStore } from '../stores/open-store';
import type { BackupStore } from '../stores/store';
import { withoutMove } from '../without-move';
import { holdLiveFence, releaseFence, whileHeld } from './fence';
import { restoreFiles } from './files';
import { mapInto, settleTables } from './map-into';
import type { MappedTable } from './mapping';
import { type Restored, recordRestore } from './record';
import { unfit, writeAll, writeSome } from './write-rows';

export interface RestoreInPlace {
  backup: Backup;
  /** Where the backup is, instead of where it was made. */
  store?: BackupStore | undefined;
  requestedBy: string;
  /** Only this table's rows, or those of these keys. Rows that were added since stay. */
  table?: string | undefined;
  keys?: readonly string[] | undefined;
}

/**
 * @throws BackupError `backup_busy`, `backup_schema_differs`, `backup_rows_unfit`, `backup_digest_differs`, as `openBackup` and
 *   `createBackup`
 */
export async function restoreInPlace(
  dependencies: BackupDependencies,
  request: RestoreInPlace,
): Promise<Restored> {
  const { backup, table, keys, requestedBy } = request;
  return withoutMove(dependencies, backup.tenantId, async (tenant, signal) => {
    const source = await sourceOf(dependencies, tenant);
    const open = await openBackup(dependencies, backup, request.store);
    const { tenantIdInDataSource: intoId, routeEpoch: epoch } = tenant;
    const onClient = <T>(work: (client: pg.Client) => Promise<T>) =>
      asMover(dependencies, source, signal, work);
    await onClient((client) => mapInto(client, open, table));
    const given = {
      ...{ kind: table ? ('rows' as const) : ('in_place' as const), intoTenant: tenant.id, intoId },
      ...{ intoSource: source.id, epoch: String(epoch), fromSource: null, requestedBy },
    };
    return recordRestore(
      dependencies,
      backup,
      given,
      ({ id }) =>
        onClient(async (client) => {
          await holdLiveFence(client, intoId, id, epoch);
          await dependencies.hooks?.('fence_held');
          const store = request.store ?? (await openStore(backup.store));
          const safety = await backUp(
            dependencies,
            { tenantId: tenant.id, store, reason: 'before_restore', requestedBy },
            signal,
          );
          const files = table ? 0 : await restoreFiles(dependencies, open, tenant.id);
          let mapped: MappedTable[] = [];
          const rows = await whileHeld(client, intoId, id, async () => {
            mapped = await mapInto(client, open, table);
            let written = open.manifest.rows;
            if (table) {
              written = await writeSome(client, open, mapped[0] as MappedTable, intoId, keys);
            } else {
              await deleteRows(client, await readTables(client), intoId);
              await writeAll(client, open, mapped, { tenantId: intoId, hooks: dependencies.hooks });
            }
            await dependencies.hooks?.('before_commit');
            await releaseFence(client, intoId, id, epoch);
            return written;
          }).catch((error: unknown) => {
            throw unfit(error);
          });
          await dependencies.hooks?.('committed');
          await settleTables(client, open, mapped);
          return { tenant: tenant.id, dataSource: source.name, rows, files, safetyBackup: safety.id };
        }),
      ({ id }) =>
        asMover(dependencies, source, undefined, (client) => releaseFence(client, intoId, id, epoch)),
    );
  });
}
