import { type BackupDependencies, removeOldExports, startBackupJobs, startCleanUp } from '@/lib/backups';
import type { Instance } from '../instance';

/**
 * Removes exports whose time is over, and cleans up after restores and other work whose process is gone. Backs tenants up every night and drills each every week, where BACKUP_URL says where backups go. Ends
 * with the job queue.
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
  await operations.jobs.runInBackground({
    ...{ name: 'exports-remove', cron: '23 * * * *', limitSeconds: 600, pollingIntervalSeconds: 60 },
    work: async () => ({ removed: await removeOldExports({ operations }) }),
  });
  const dependencies = { application, operations, secretBox, files };
  await startCleanUp(dependencies, { jobs: operations.jobs, report });
  if (!store) return;
  const { BACKUP_DRILL_DAYS: drillDays, BACKUP_DRILL_SOURCE: drillSource } = configuration;
  await startBackupJobs(dependencies, {
    ...{ jobs: operations.jobs, store, retention, at, drillsAt, drillDays, drillSource },
  });
}
