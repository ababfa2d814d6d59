// Cleans up after a process that ended in the middle of its work: objects of an unfinished backup, a held fence, a scratch tenant.

import type { BackupDependencies } from './dependencies';
import { BackupError } from './errors';
import { removeExports } from './export/remove-exports';
import { prefixOf } from './format/places';
import { openBackup } from './open';
import { problemsOf } from './problems-of';
import { findBackup, recorded } from './records';
import { fenceState, releaseFence } from './restore/fence';
import { removeFiles } from './restore/files';
import { removeScratch } from './restore/new-tenant';
import { failRestore, fenceSettled, type RestoreRecord } from './restore/record';
import { settleToDataSource } from './restore/settle-to-data-source';
import { asMover } from './source';
import { openStore } from './stores/open-store';
import { withTenantLock } from './tenant-lock';

const INTERRUPTED = new BackupError(
  'backup_interrupted',
  'Its process ended before it was done. Nothing incomplete was kept.',
);

/** Cleans up after processes that are gone, for every tenant whose lock is free. @returns the tenants that could not be cleaned up */
export async function cleanUp(
  dependencies: BackupDependencies,
): Promise<{ tenantId: string; problem: unknown }[]> {
  const { rows } = await dependencies.operations.pool.query<{ tenantId: string }>(
    `select tenant_id as "tenantId" from backups where state in ('running', 'removing')
     union select tenant_id from restores where state = 'running' or fence_held
     union select tenant_id from drills where state = 'running' or not scratch_removed
     union select tenant_id from exports where state = 'running'`,
  );
  const problems: { tenantId: string; problem: unknown }[] = [];
  for (const { tenantId } of rows) {
    try {
      const found = await withTenantLock(dependencies, tenantId, () => cleanUpTenant(dependencies, tenantId));
      problems.push(...found.map((problem) => ({ tenantId, problem })));
    } catch (problem) {
      if (!(problem instanceof BackupError && problem.code === 'backup_busy'))
        problems.push({ tenantId, problem });
    }
  }
  return problems;
}

/**
 * The same for one tenant, whose lock the caller holds. What cannot be put right now, because a database or a store cannot be reached, is left to
 * the next clean-up.
 *
 * @returns why
 */
export async function cleanUpTenant(dependencies: BackupDependencies, tenantId: string): Promise<unknown[]> {
  return [
    // First, because the tenant may wait for its fence.
    ...(await cleanUpRestores(dependencies, tenantId)),
    ...(await cleanUpBackups(dependencies, tenantId)),
    ...(await cleanUpDrills(dependencies, tenantId)),
    ...(await problemsOf([tenantId], (id) => removeExports(dependencies, id, ['running']))),
  ];
}

async function cleanUpBackups({ operations }: BackupDependencies, tenantId: string): Promise<unknown[]> {
  const { rows } = await operations.pool.query<{ id: string; store: string }>(
    `select id, store from backups where tenant_id = $1 and state in ('running', 'removing')`,
    [tenantId],
  );
  return problemsOf(rows, async ({ id, store }) => {
    await (await openStore(store)).removeAll(prefixOf({ tenantId, id }));
    await operations.pool.query(
      `update backups set state = case state when 'running' then 'failed' else 'removed' end, finished_at = now(),
         error = case state when 'running' then coalesce(error, $2::jsonb) end where id = $1`,
      [id, recorded(INTERRUPTED)],
    );
  });
}

async function cleanUpRestores(dependencies: BackupDependencies, tenantId: string): Promise<unknown[]> {
  const { operations } = dependencies;
  const { rows } = await operations.pool.query<RestoreRecord & { state: string }>(
    `select id, kind, state, backup_id "backupId", tenant_id "tenantId", into_tenant "intoTenant", into_id "intoId",
       into_source "intoSource", epoch::text, from_source "fromSource", requested_by "requestedBy"
     from restores where tenant_id = $1 and (state = 'running' or fence_held) order by started_at`,
    [tenantId],
  );
  return problemsOf(rows, async (record) => {
    const finished = await settle(dependencies, record).catch(async (problem: unknown) => {
      await failRestore(dependencies, record, INTERRUPTED);
      throw problem;
    });
    if (record.state === 'running' && finished) {
      await operations.pool.query(`update restores set state = 'done', finished_at = now() where id = $1`, [
        record.id,
      ]);
    } else await failRestore(dependencies, record, INTERRUPTED);
    await fenceSettled(dependencies, record);
  });
}

/** @returns whether the restore's rows were committed and are in use */
async function settle(dependencies: BackupDependencies, record: RestoreRecord): Promise<boolean> {
  const { application, operations } = dependencies;
  if (record.kind === 'to_data_source') return settleToDataSource(dependencies, record);
  if (record.kind === 'as_new_tenant') {
    const tenant = await application.tenants.find(record.intoTenant);
    if (tenant && tenant.status !== 'provisioning') return true;
    const open = await openBackup(dependencies, await findBackup(operations.pool, record.backupId));
    await removeScratch(dependencies, record.intoTenant, record.requestedBy);
    await removeFiles(dependencies, open, record.intoTenant);
    return false;
  }
  const source = await operations.dataSources.get(record.intoSource);
  return asMover(dependencies, source, undefined, async (client) => {
    const state = await fenceState(client, record.intoId, record.id);
    if (state === 'held') await releaseFence(client, record.intoId, record.id, record.epoch);
    return state === 'opened';
  });
}

async function cleanUpDrills(dependencies: BackupDependencies, tenantId: string): Promise<unknown[]> {
  const { operations } = dependencies;
  const { rows } = await operations.pool.query<{
    id: string;
    scratch: string;
    backupId: string | null;
    by: string;
  }>(
    `select id, scratch_tenant as scratch, backup_id "backupId", requested_by as by from drills
     where tenant_id = $1 and (state = 'running' or not scratch_removed)`,
    [tenantId],
  );
  return problemsOf(rows, async ({ id, scratch, backupId, by }) => {
    await removeScratch(dependencies, scratch, by);
    if (backupId && dependencies.files) {
      // A damaged backup does not say which files it had.
      const open = await openBackup(dependencies, await findBackup(operations.pool, backupId)).catch(
        () => undefined,
      );
      if (open) await removeFiles(dependencies, open, scratch);
    }
    await operations.pool.query(
      `update drills set scratch_removed = true, state = case when state = 'running' then 'failed' else state end,
         finished_at = coalesce(finished_at, now()), error = coalesce(error, case when state = 'running' then $2::jsonb end) where id = $1`,
      [id, recorded(INTERRUPTED)],
    );
  });
}
