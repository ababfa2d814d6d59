import type pg from 'pg';
import { tryWithLock } from '../locks';

/** Work of one queue that any process may do, one process at a time. */
export interface BackgroundJob<Data extends object> {
  /** The queue. Lower case with hyphens: `marquee jobs` shows it. */
  name: string;
  /** When it is sent: five fields, UTC. Left out: only by `Jobs.request`. */
  cron?: string;
  /** How long a run may take, seconds. Then its signal is aborted and it counts as failed. */
  limitSeconds: number;
  /** Further attempts of a run that has failed, or whose process has died. Default 3. */
  retries?: number;
  /** Before the first of them, seconds; doubled with each, up to an hour. Default 30. */
  retryDelaySeconds?: number;
  /** Jobs of different keys may run at the same time, here at most this many. Default 1. */
  concurrency?: number;
  /** How long its history is kept. Default 14. */
  historyDays?: number;
  /** How often to look for jobs, seconds. Default 5. */
  pollingIntervalSeconds?: number;
  /**
   * May be stopped at any point and run again by another process.
   *
   * @param run.key that it was requested with; empty without one
   * @param run.signal aborted when the run was cancelled, has taken too long, has lost its lock, or this process stops
   * @returns what the history keeps of it
   */
  work(
    data: Data,
    run: { key: string; signal: AbortSignal; retryCount: number },
  ): Promise<object | undefined>;
}

/** What the key of a request is stored under, beside the job's data. */
const KEY = 'jobKey';
/** A process without a heartbeat for this long counts as dead. */
const HEARTBEAT_SECONDS = 30;
const HISTORY_DAYS = 14;

export function queueOf(job: Omit<BackgroundJob<never>, 'work'>) {
  return {
    // At most one job of a key is queued or running.
    policy: 'exclusive',
    expireInSeconds: job.limitSeconds,
    heartbeatSeconds: HEARTBEAT_SECONDS,
    retryLimit: job.retries ?? 3,
    retryDelay: job.retryDelaySeconds ?? 30,
    retryBackoff: true,
    retryDelayMax: 3600,
    deleteAfterSeconds: (job.historyDays ?? HISTORY_DAYS) * 24 * 3600,
  } as const;
}

/** What a job is sent with, so that one of its key waits or runs at a time. */
export function requestOf(data: object, key: string) {
  return { data: key ? { ...data, [KEY]: key } : data, options: key ? { singletonKey: key } : {} };
}

/** Does one job of the queue, if no process does one of its key. @throws OperationsError `job_running` */
export function runOf<Data extends object>(pool: pg.Pool, job: BackgroundJob<Data>) {
  return (run: { data: object; signal: AbortSignal; retryCount: number }) => {
    const { [KEY]: key = '', ...data } = run.data as Data & { [KEY]?: string };
    // The queue alone does not suffice: a run whose process was suspended goes on after another was begun in its place.
    return tryWithLock(pool, `job ${job.name} ${key}`, (locked) => {
      const signal = AbortSignal.any([run.signal, locked]);
      return job.work(data as unknown as Data, { key, signal, retryCount: run.retryCount });
    });
  };
}
