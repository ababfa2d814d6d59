import { type BackupDependencies, startBackupJobs, startCleanUp } from '@/lib/backups';
import type { Instance } from '../instance';

/**
 * Starts the jobs of the room `backups`: clean-up always; backups of every night and drills of every week where BACKUP_URL says where
 * backups go. They end with the job queue.
 */
export async function startBackups(
  {
    application,
    operations,
    secretBox,
    configuration,
  }: Pick<Instance, 'application' | 'operations' | 'secretBox' | 'configuration'>,
  files: NonNullable<BackupDependencies['files']>,
  report: (problem: string) => void,
): Promise<void> {
  const {
    BACKUP_URL: store,
    BACKUP_KEEP: retention,
    BACKUP_AT: at,
    BACKUP_DRILLS_AT: drillsAt,
  } = configuration;
  const dependencies = { application, operations, secretBox, files };
  await startCleanUp(dependencies, { jobs: operations.jobs, report });
  if (!store) return;
  const { BACKUP_DRILL_DAYS: drillDays, BACKUP_DRILL_SOURCE: drillSource } = configuration;
  await startBackupJobs(dependencies, {
    ...{ jobs: operations.jobs, store, retention, at, drillsAt, drillDays, drillSource },
  });
}
