// One operation on a tenant's backups at a time, among all processes.
import { OperationsError } from '@/lib/operations';
import type { BackupDependencies } from './dependencies';
import { BackupError } from './errors';
import { workOf } from './records';

/**
 * Runs `work` unless another process works on the tenant's backups.
 *
 * @param work gets a signal that is aborted when the lock is lost, or `signal` is aborted
 * @throws BackupError `backup_busy`, naming what another process does
 */
export async function withTenantLock<T>(
  { operations }: Pick<BackupDependencies, 'operations'>,
  tenantId: string,
  work: (signal: AbortSignal) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const run = (locked: AbortSignal) => work(signal ? AbortSignal.any([locked, signal]) : locked);
  return operations.tryWithLock(`backup ${tenantId}`, run).catch(async (error: unknown) => {
    if (!(error instanceof OperationsError && error.code === 'job_running')) throw error;
    throw new BackupError(
      'backup_busy',
      (await workOf(operations.pool, tenantId)) ?? 'Another process works on backups of this tenant.',
    );
  });
}
