// The health job, in one of all processes at a time: thins the history, and reminds of what lasts.
import type { OperationsDatabase } from '@/lib/operations';
import { remindOfLasting } from './alert';
import { thinHistory } from './thin';

/** Takes part in the job until it stops. @param channels names of the channels that alerts are sent by */
export async function startHealthJobs(
  { jobs, pool }: OperationsDatabase,
  channels: readonly string[],
): Promise<void> {
  await jobs.runInBackground({
    name: 'health-thin',
    cron: '*/5 * * * *',
    limitSeconds: 240,
    historyDays: 1,
    work: async () => {
      await thinHistory(pool);
      await remindOfLasting(pool, channels);
      return undefined;
    },
  });
}
