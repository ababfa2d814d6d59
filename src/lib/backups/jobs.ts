// What happens by itself: each minute what earlier work has left is cleaned up, each hour old exports are removed; where backups have a
// place, a backup of each tenant every night, and a drill of each every week. Any process with this does the jobs.
import { MarqueeError } from '@/lib/failures';
import type { Jobs } from '@/lib/operations';
import { cleanUp } from './clean-up';
import { createBackup } from './create';
import type { BackupDependencies } from './dependencies';
import { drillBackup } from './drill';
import { removeOldExports } from './export/remove-exports';
import { pruneBackups, type Retention } from './prune';
import { backupStates, recorded } from './records';
import { storeKeys } from './store-keys';
import { storeFor } from './stores/open-store';

/** The queues: `marquee jobs` shows them. */
const QUEUES = {
  cleanUp: 'backups-clean-up',
  removeExports: 'exports-remove',
  plan: 'backups-plan',
  create: 'backups-create',
  planDrills: 'backups-plan-drills',
  drill: 'backups-drill',
} as const;
const PLAN_LIMIT_SECONDS = 3600;
const TENANT_LIMITS = { limitSeconds: 6 * 3600, retryDelaySeconds: 300 } as const;
const ACTOR = 'system:backups';
const DAY_MS = 86_400_000;

export interface BackupSchedule {
  jobs: Jobs;
  /** Addresses of stores, separated by blanks: see `storeFor`. */
  store: string;
  retention: Retention;
  /** Cron expression, UTC. */
  at: string;
  /** Cron expression, UTC: when tenants that are due are drilled. */
  drillsAt: string;
  /** How old the last drill of a tenant may become, days. */
  drillDays: number;
  /** Id or name of the data source for drills. Default: that of the backup. */
  drillSource?: string | undefined;
  /** How often to look for jobs, seconds. Default 10. */
  pollSeconds?: number;
}

interface TenantJob {
  tenantId: string;
}

/**
 * Cleans up after processes that are gone, now and each minute: a tenant whose restore was killed waits for that. Removes exports whose time
 * is over, each hour. Ends with the job queue.
 *
 * @param report called once with each thing that could not be cleaned up
 */
export async function startCleanUp(
  dependencies: BackupDependencies,
  { jobs, report }: { jobs: Jobs; report: (problem: string) => void },
): Promise<void> {
  const reported = new Set<string>();
  const work = async () => {
    const problems = await cleanUp(dependencies);
    for (const { tenantId, problem } of problems) {
      const text = `Backups of tenant ${tenantId} were not cleaned up: ${(problem as Error).message}`;
      if (!reported.has(text)) report(text);
      reported.add(text);
    }
    return { problems: problems.length };
  };
  await work();
  const limits = { limitSeconds: PLAN_LIMIT_SECONDS, retries: 0, historyDays: 1 };
  await jobs.runInBackground({ name: QUEUES.cleanUp, cron: '* * * * *', ...limits, work });
  await jobs.runInBackground({
    ...{ name: QUEUES.removeExports, cron: '23 * * * *', limitSeconds: 600, pollingIntervalSeconds: 60 },
    work: async () => ({ removed: await removeOldExports(dependencies) }),
  });
}

/** Takes part in the jobs until they stop. */
export async function startBackupJobs(
  dependencies: BackupDependencies,
  schedule: BackupSchedule,
): Promise<void> {
  const { jobs, pollSeconds: pollingIntervalSeconds = 10 } = schedule;
  const ofTenants = { ...TENANT_LIMITS, pollingIntervalSeconds };
  await jobs.runInBackground<TenantJob>({
    ...{ name: QUEUES.create, ...ofTenants },
    work: ({ tenantId }, { signal }) =>
      unlessBusy(async () => {
        const store = await storeFor(schedule.store, await dependencies.application.tenants.get(tenantId));
        const request = { tenantId, store, reason: 'scheduled', requestedBy: ACTOR, signal } as const;
        const { id, rows } = await createBackup(dependencies, request);
        const { retention } = schedule;
        // Where this fails the job does not: repeated, it would make another backup. What stays is removed after the next one.
        const pruned = await pruneBackups(dependencies, tenantId, { retention, requestedBy: ACTOR }).then(
          ({ removed }) => ({ pruned: removed.length }),
          (error: unknown) => ({ notPruned: recorded(error) }),
        );
        return { backup: id, rows, ...pruned };
      }),
  });
  await jobs.runInBackground<TenantJob>({
    ...{ name: QUEUES.drill, ...ofTenants },
    work: ({ tenantId }, { signal }) =>
      unlessBusy(async () => {
        const request = { tenantId, dataSource: schedule.drillSource, requestedBy: ACTOR, signal };
        const { id, state } = await drillBackup(dependencies, request);
        return { drill: id, state };
      }),
  });
  const planning = { limitSeconds: PLAN_LIMIT_SECONDS, retryDelaySeconds: 60, pollingIntervalSeconds };
  await jobs.runInBackground({
    ...{ name: QUEUES.plan, cron: schedule.at, ...planning },
    async work() {
      const planned = await requestAll(jobs, QUEUES.create, await activeTenants(dependencies));
      const { problems } = await storeKeys(dependencies);
      return { ...planned, keysNotStored: problems.map((problem) => recorded(problem).message) };
    },
  });
  await jobs.runInBackground({
    ...{ name: QUEUES.planDrills, cron: schedule.drillsAt, ...planning },
    work: async () => requestAll(jobs, QUEUES.drill, await tenantsToDrill(dependencies, schedule.drillDays)),
  });
}

/** Tenants with a backup whose last drill is older than so many days, or failed, or never was. */
export async function tenantsToDrill(dependencies: BackupDependencies, days: number): Promise<string[]> {
  const states = await backupStates(dependencies.operations.pool, await activeTenants(dependencies));
  // An hour less, since a drill on the seventh day begins a little earlier or later.
  const due = Date.now() - days * DAY_MS + 3_600_000;
  return [...states.values()]
    .filter(
      ({ lastBackupAt, lastDrillAt, lastDrill }) =>
        lastBackupAt && (lastDrill !== 'passed' || !lastDrillAt || lastDrillAt.getTime() < due),
    )
    .map(({ tenantId }) => tenantId);
}

async function activeTenants({ application }: BackupDependencies): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id, dataSourceId } of application.tenants.all({ status: 'active' }))
    if (dataSourceId) ids.push(id);
  return ids;
}

/** One job for each tenant that has none yet. */
async function requestAll(jobs: Jobs, queue: string, tenants: readonly string[]): Promise<object> {
  for (const tenantId of tenants) await jobs.request(queue, { tenantId }, { key: tenantId });
  return { tenants: tenants.length };
}

/** Left out where an operator works on the tenant's backups at this moment, and where the tenant was removed since it was planned. */
async function unlessBusy(work: () => Promise<object>): Promise<object> {
  return work().catch((error: unknown) => {
    if (error instanceof MarqueeError && ['backup_busy', 'tenant_unknown'].includes(error.code))
      return { skipped: error.message };
    throw error;
  });
}
