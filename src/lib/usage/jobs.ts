// The hourly job, in one of all processes: samples, budgets, thinning.
import type { ApplicationDatabase } from '@/lib/application';
import { readNames } from '@/lib/data-sources';
import type { OperationsDatabase } from '@/lib/operations';
import { checkBudgets, readBudgets } from './cost/budgets';
import { sampleHour } from './samples/sample';
import { thinUsage } from './thin';

export interface UsageJobDependencies {
  application: ApplicationDatabase;
  operations: OperationsDatabase;
  /** Names of the channels that alerts are sent by. */
  channels: readonly string[];
}

/** Takes part in the hourly job until it stops. */
export async function startUsageJobs({
  application,
  operations,
  channels,
}: UsageJobDependencies): Promise<void> {
  const { jobs, pool } = operations;
  await jobs.runInBackground({
    name: 'usage-hourly',
    cron: '11 * * * *',
    limitSeconds: 45 * 60,
    work: async (_data, { signal }) => {
      const sampled = await sampleHour({ application, operations }, signal);
      const withBudget = (await readBudgets(pool)).map(({ tenantId }) => tenantId);
      const { tenant: nameOf } = await readNames({ application, operations }, withBudget);
      const budgets = await checkBudgets(pool, { channels, nameOf });
      await thinUsage(pool);
      return { ...sampled, budgets };
    },
  });
}
