// Background work: jobs whose last run failed, and the result of the nightly check for drift.
import type { OperationsDatabase } from '@/lib/operations';
import { counts, type Findings, type Item } from './part';
import { inState, STATES, saying, that } from './words';

type Operations = Pick<OperationsDatabase, 'jobs'>;

/** Undefined where no job was ever sent. */
export async function readJobs({ jobs }: Operations): Promise<Findings | undefined> {
  const queues = await jobs.history.queues();
  if (queues.length === 0) return undefined;
  const items = queues.map(({ queue, waiting, active, failed, lastFailedAt, lastCompletedAt }): Item => {
    const isFailing = lastFailedAt !== null && (lastCompletedAt === null || lastFailedAt > lastCompletedAt);
    return {
      ...{ level: isFailing ? 'warning' : 'ok', subject: queue },
      ...saying(
        inState(isFailing ? 'failed' : 'in_order'),
        isFailing && that('job_failed', { at: lastFailedAt.toISOString().slice(0, 16).replace('T', ' ') }),
      ),
      next: `marquee jobs list --queue ${queue}`,
      values: { queue, waiting, active, failed, lastFailedAt, lastCompletedAt },
    };
  });
  const sum = (name: 'waiting' | 'active') => queues.reduce((total, queue) => total + queue[name], 0);
  return { summary: counts({ running: sum('active'), waiting: sum('waiting') }), items };
}

interface DriftFound {
  databases: number;
  drifted: string[];
  unread: string[];
}

/** Undefined before the first check. */
export async function readDriftFound({ jobs }: Operations): Promise<Findings | undefined> {
  const [last] = await jobs.history.list({ queue: 'schema-drift', state: 'completed', limit: 1 });
  if (!last?.output) return undefined;
  const { databases, drifted = [], unread = [] } = last.output as unknown as DriftFound;
  const itemOf =
    (level: Item['level'], state: 'drifted' | 'not_readable') =>
    (source: string): Item => ({
      ...{ level, subject: source, next: `marquee migrate drift ${source}` },
      ...saying(inState(state)),
      values: { source, state: STATES[state], lookedAt: last.completedAt },
    });
  const items = [...drifted.map(itemOf('bad', 'drifted')), ...unread.map(itemOf('warning', 'not_readable'))];
  const when = last.completedAt?.toISOString().slice(0, 16).replace('T', ' ') ?? '';
  return { summary: `${drifted.length} of ${databases} drifted, as of ${when} UTC`, items };
}
