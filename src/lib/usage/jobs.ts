// The hourly job, in one of all processes: samples, budgets, thinning.
import type { ApplicationDatabase } from '@/lib/application';
import type { OperationsDatabase } from '@/lib/operations';
import { checkBudgets } from './cost/budgets';
import { sampleHour } from './samples/sample';
import { thinUsage } from './thin';

export interface UsageJobDependencies {
  application: ApplicationDatabase;
  operations: OperationsDatabase;
  /** Names of the channels that alerts are sent by. */
  channels: readonly string[];
}

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
      const names = new Map<string, string>();
      for await (const { id, subdomain } of application.tenants.all()) names.set(id, subdomain);
      const budgets = await checkBudgets(pool, { channels, nameOf: (id) => names.get(id) ?? id });
      await thinUsage(pool);
      return { ...sampled, budgets };
    },
  });
}
