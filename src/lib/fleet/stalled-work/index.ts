// Alerts on rollouts and moves that do not go on by themselves. Resolved as soon as they do.
import { over, raiseCondition, resolveCondition } from '@/lib/alerts';
import { type OperationsDatabase, withTransaction } from '@/lib/operations';
import { findStalled, RULES } from './find';

/**
 * Raises an alert on each rollout or move that has stalled, and resolves those that have gone on. May be repeated: what was
 * raised or acknowledged before is raised again after an hour at the earliest, so that its reminders are sent.
 *
 * @param channels names of the channels that alerts are sent by
 * @returns how many have stalled
 */
export async function alertOnStalled(
  operations: Pick<OperationsDatabase, 'pool' | 'dataSources'>,
  channels: readonly string[],
): Promise<number> {
  const stalled = await findStalled(operations);
  await withTransaction(operations.pool, async (client) => {
    const { rows } = await client.query<{ rule: string; cause: string; open: boolean; recent: boolean }>(
      `select rule, cause, acknowledged_at is null as open, last_seen_at > now() - interval '1 hour' as recent
       from alerts where rule = any ($1) and (acknowledged_at is null or last_seen_at > now() - interval '1 hour')`,
      [RULES],
    );
    const isSame = (one: { rule: string; cause: string }) => (other: typeof one) =>
      one.rule === other.rule && one.cause === other.cause;
    for (const condition of stalled)
      if (!rows.filter(({ recent }) => recent).some(isSame(condition)))
        await raiseCondition(client, condition, channels);
    for (const alert of rows)
      if (alert.open && !stalled.some(isSame(alert)))
        await resolveCondition(client, alert, over('work_gone_on'));
  });
  return stalled.length;
}

/** Looks for stalled rollouts and moves every minute, one process at a time. Ends with the job queue. */
export async function watchForStalled(
  operations: Pick<OperationsDatabase, 'pool' | 'dataSources' | 'jobs'>,
  channels: readonly string[],
): Promise<void> {
  await operations.jobs.runInBackground({
    ...{ name: 'stalled-work', cron: '* * * * *', limitSeconds: 55, retries: 0, historyDays: 1 },
    work: async () => ({ stalled: await alertOnStalled(operations, channels) }),
  });
}
