// The health job: thins the history, in one of all processes at a time.
import type { OperationsDatabase } from '@/lib/operations';
import { thinHistory } from './thin';

/** Takes part in the job until it stops. */
export async function startHealthJobs({ jobs, pool }: OperationsDatabase): Promise<void> {
  await jobs.runInBackground({
    name: 'health-thin',
    cron: '*/5 * * * *',
    limitSeconds: 240,
    historyDays: 1,
    work: async () => {
      await thinHistory(pool);
      return undefined;
    },
  });
}
