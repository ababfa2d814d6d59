// Restores a tenant into another database and sends its statements there: its own one is lost, or is to be left.
import { placeOn, placesOf } from '@/lib/data-sources';
import { expectRegion } from '@/lib/operations';
import { backUp } from '../create';
import type { BackupDependencies } from '../dependencies';
import { BackupError } from '../errors';
import { openBackup } from '../open';
import type { Backup } from '../records';
import { asMover, sourceOf } from '../source';
import { openStore } from '../stores/open-store';
import type { BackupStore } from '../stores/store';
import { withoutMove } from '../without-move';
import { holdLiveFence, releaseFence, reserveFence, whileHeld } from './fence';
import { restoreFiles } from './files';
import { mapInto, settleTables } from './map-into';
import { type Restored, recordRestore } from './record';
import { removeHeldRows, settleToDataSource } from './settle-to-data-source';
import { unfit, writeAll } from './write-rows';

export interface RestoreToDataSource {
  backup: Backup;
  store?: BackupStore | undefined;
  requestedBy: string;
  /** Id or name of the data source that the tenant is restored into. */
  dataSource: string;
  /** The present database is gone: it is not asked for a safety backup, and what is left there stays. */
  sourceLost?: boolean | undefined;
}

/**
 * The decision is the change of the tenant's route in the application database; until then the tenant works where it was.
 *
 * @throws BackupError as `restoreInPlace`; ApplicationError `route_changed`, `place_taken`; OperationsError `region_refused`
 */
export async function restoreToDataSource(
  dependencies: BackupDependencies,
  request: RestoreToDataSource,
): Promise<Restored> {
  const { backup, requestedBy, sourceLost = false } = request;
  const { application, operations, hooks } = dependencies;
  return withoutMove(dependencies, backup.tenantId, async (tenant, signal) => {
    const before = await sourceOf(dependencies, tenant);
    const source = await operations.dataSources.get(request.dataSource);
    if (source.id === before.id) {
      throw new BackupError('backup_not_possible', `The tenant is in ${source.name} already.`, {
        hint: 'Restore it in place: leave out --source.',
      });
    }
    expectRegion(tenant.requiredRegion, await placesOf(operations, source));
    const open = await openBackup(dependencies, backup, request.store);
    const { tenantIdInDataSource: there, routeEpoch: epoch } = tenant;
    const place = await placeOn(operations, source, there);
    const given = {
      ...{ kind: 'to_data_source' as const, intoTenant: tenant.id, intoId: there, intoSource: source.id },
      ...{ epoch: String(epoch), fromSource: sourceLost ? null : before.id, requestedBy },
      ...(sourceLost ? { leftSource: before.id } : {}),
    };
    return recordRestore(
      dependencies,
      backup,
      given,
      ({ id }) =>
        asMover(dependencies, source, signal, async (client) => {
          await reserveFence(client, there, id);
          await hooks?.('fence_held');
          const mapped = await mapInto(client, open);
          const files = await restoreFiles(dependencies, open, tenant.id);
          await whileHeld(client, there, id, async () => {
            await writeAll(client, open, mapped, { tenantId: there, hooks });
            await hooks?.('before_commit');
          }).catch((error: unknown) => {
            throw unfit(error);
          });
          await hooks?.('committed');
          await settleTables(client, open, mapped);
          let safety: Backup | undefined;
          if (!sourceLost) {
            await asMover(dependencies, before, signal, (old) => holdLiveFence(old, there, id, epoch));
            const store = request.store ?? (await openStore(backup.store));
            const reason = 'before_restore';
            safety = await backUp(dependencies, { tenantId: tenant.id, store, reason, requestedBy }, signal);
          }
          await application.tenants.setDataSource(
            tenant.id,
            { ...place, expectedEpoch: epoch },
            { actor: requestedBy },
            (moved) => releaseFence(client, there, id, moved.routeEpoch),
          );
          await hooks?.('opened');
          if (!sourceLost) await removeHeldRows(dependencies, before.id, there, id);
          const { rows } = open.manifest;
          return {
            tenant: tenant.id,
            dataSource: source.name,
            rows,
            files,
            safetyBackup: safety?.id ?? null,
          };
        }),
      async (record) => {
        await settleToDataSource(dependencies, record);
      },
    );
  });
}
