// The record of a restore, and the frame of every kind of it.
import { randomUUID } from 'node:crypto';
import { audit } from '../audit';
import type { BackupDependencies } from '../dependencies';
import { type Backup, recorded } from '../records';

export interface RestoreRecord {
  id: string;
  kind: 'in_place' | 'rows' | 'as_new_tenant' | 'to_data_source';
  /** Tenant of the backup. */
  tenantId: string;
  backupId: string;
  /** The tenant that gets the rows, its id there, and its data source. */
  intoTenant: string;
  intoId: string;
  intoSource: string;
  /** Epoch of the tenant's fence before the restore. */
  epoch: string;
  fromSource: string | null;
  /** The tenant's data source before, where it is lost. */
  leftSource?: string;
  requestedBy: string;
}

export interface Restored {
  id: string;
  kind: RestoreRecord['kind'];
  /** The tenant that has the rows now. */
  tenant: string;
  dataSource: string;
  rows: number;
  files: number;
  /** The backup of what was there before; null where nothing was. */
  safetyBackup: string | null;
  ms: number;
}

/**
 * Records a restore before it changes anything, and how it ended. Where `work` fails, `undo` puts right what it did; where the process
 * ends before that, `cleanUpTenant` does the same later.
 */
export async function recordRestore(
  dependencies: BackupDependencies,
  backup: Backup,
  given: Omit<RestoreRecord, 'id' | 'tenantId' | 'backupId'>,
  work: (record: RestoreRecord) => Promise<Omit<Restored, 'id' | 'kind' | 'ms'>>,
  undo: (record: RestoreRecord) => Promise<void>,
): Promise<Restored> {
  const { operations, hooks } = dependencies;
  const began = performance.now();
  const record: RestoreRecord = {
    ...given,
    id: randomUUID(),
    tenantId: backup.tenantId,
    backupId: backup.id,
  };
  const { kind, intoTenant, intoId, intoSource, epoch, fromSource, leftSource, requestedBy } = record;
  await operations.pool.query(
    `insert into restores (id, backup_id, tenant_id, kind, into_tenant, into_id, into_source, epoch, from_source, requested_by, left_source, fence_held)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, true)`,
    [
      record.id,
      backup.id,
      backup.tenantId,
      kind,
      intoTenant,
      intoId,
      intoSource,
      epoch,
      fromSource,
      requestedBy,
      leftSource,
    ],
  );
  try {
    await hooks?.('recorded');
    const result = {
      id: record.id,
      kind,
      ...(await work(record)),
      ms: Math.round(performance.now() - began),
    };
    await operations.pool.query(
      `update restores set state = 'done', fence_held = false, finished_at = now(), safety_backup = $2, result = $3 where id = $1`,
      [record.id, result.safetyBackup, JSON.stringify(result)],
    );
    await audit(dependencies, 'backups.restored', intoTenant, backup.id, requestedBy, { ...result });
    return result;
  } catch (error) {
    await failRestore(dependencies, record, error);
    // What cannot be undone now is recorded as held, and undone by the next clean-up.
    await undo(record)
      .then(() => fenceSettled(dependencies, record))
      .catch(() => {});
    throw error;
  }
}

export async function failRestore(
  { operations }: BackupDependencies,
  { id }: RestoreRecord,
  error: unknown,
): Promise<void> {
  await operations.pool.query(
    `update restores set state = 'failed', finished_at = now(), error = $2 where id = $1 and state = 'running'`,
    [id, recorded(error)],
  );
}

export async function fenceSettled({ operations }: BackupDependencies, { id }: RestoreRecord): Promise<void> {
  await operations.pool.query('update restores set fence_held = false where id = $1', [id]);
}
