import pg from 'pg';
import { type Job as BossJob, PgBoss, type Queue } from 'pg-boss';
import { OperationsError } from '../errors';
import { type BackgroundJob, queueOf, requestOf, runOf } from './background-job';
import { JobHistory, type ListedJob, type StoredJob } from './job-history';

/** A piece of work that some process takes and does. */
export interface Job<Data> {
  id: string;
  data: Data;
  /** 0 the first time. */
  retryCount: number;
  /** Aborted when the job has run out of time or this process stops. */
  signal: AbortSignal;
}

export interface SendOptions {
  /** Not before, seconds from now or a time. */
  startAfter?: number | Date;
  /** One job of this key at a time, as the queue's policy says; a further one is not sent. */
  singletonKey?: string;
  /** Higher first. Default 0. */
  priority?: number;
}

export interface WorkOptions {
  /** Jobs of the queue that this process does at once. Default 1. */
  concurrency?: number;
  /** How often to look for jobs, seconds. Default 2. */
  pollingIntervalSeconds?: number;
}

/** Retries and the like; `policy: 'short'` keeps one waiting job of a `singletonKey`. */
export type QueueOptions = Omit<Queue, 'name'>;

/**
 * The job queue: pg-boss, in schema `pgboss` of the operations database, over its pool.
 *
 * A job's data is stored as it is: it names tenants and data sources by id and never carries a credential.
 */
export class Jobs {
  /** Jobs that wait and run, and those of the last days. */
  readonly history: JobHistory;
  readonly #boss: PgBoss;
  readonly #pool: pg.Pool;
  #started: Promise<unknown> | undefined;
  #failed: (error: Error) => void = () => {};

  constructor(pool: pg.Pool) {
    this.#pool = pool;
    this.history = new JobHistory(pool);
    this.#boss = new PgBoss({
      schema: 'pgboss',
      db: { executeSql: (text: string, values?: unknown[]) => pool.query(text, values) },
    });
    // Without a listener an error of the background loops would end the process.
    this.#boss.on('error', (error) => this.#failed(error));
  }

  /** Makes the queue's schema when it is missing, and starts its maintenance. May be called again. */
  async start(options: { onError?: (error: Error) => void } = {}): Promise<void> {
    if (options.onError) this.#failed = options.onError;
    this.#started ??= this.#boss.start().catch((error: unknown) => {
      this.#started = undefined;
      throw error;
    });
    await this.#started;
  }

  /** Waits for jobs under way, at most `timeoutMs`; those that have not ended by then are run again by another process. */
  async stop(timeoutMs = 10_000): Promise<void> {
    if (!this.#started) return;
    await this.#started.catch(() => {});
    this.#started = undefined;
    await this.#boss.stop({ graceful: true, timeout: timeoutMs, close: false });
  }

  /** Makes a queue, or sets the options of one that is there. Queues are made before they are used. */
  async defineQueue(name: string, options: QueueOptions = {}): Promise<void> {
    await this.#boss.createQueue(name, options);
    // A queue keeps the policy that it was made with.
    const { policy: _, ...changes } = options;
    if (Object.keys(changes).length > 0) await this.#boss.updateQueue(name, changes);
  }

  /** @returns the job's id, or undefined where a job of the same `singletonKey` is there already */
  async send(queue: string, data: object, options: SendOptions = {}): Promise<string | undefined> {
    return (await this.#boss.send(queue, data, options)) ?? undefined;
  }

  /** Does a queue's jobs until `stop`. A job whose handler rejects is retried as its queue says. */
  async work<Data extends object>(
    queue: string,
    options: WorkOptions,
    handler: (job: Job<Data>) => Promise<object | undefined>,
  ): Promise<void> {
    const { concurrency = 1, pollingIntervalSeconds = 2 } = options;
    await this.#boss.work<Data>(
      queue,
      { localConcurrency: concurrency, pollingIntervalSeconds, batchSize: 1 },
      async ([job]: BossJob<Data>[]) => {
        if (!job) return undefined;
        const { id, data, retryCount, signal } = job;
        return handler({ id, data, retryCount, signal });
      },
    );
  }

  /** Sends a job at each time of a cron expression (UTC, five fields), once among all processes. */
  async schedule(queue: string, cron: string, data: object = {}): Promise<void> {
    await this.#boss.schedule(queue, cron, data, { tz: 'UTC' });
  }

  async unschedule(queue: string): Promise<void> {
    await this.#boss.unschedule(queue);
  }

  /** State and result of a job. */
  async find(queue: string, id: string): Promise<{ state: string; output: unknown } | undefined> {
    const [job] = await this.#boss.findJobs(queue, { id });
    return job && { state: job.state, output: job.output };
  }

  /** The jobs of a queue whose data contain this, the latest first. The queue is defined before. */
  async latest<Data>(queue: string, contained: Partial<Data>, limit: number): Promise<StoredJob<Data>[]> {
    // pg-boss itself finds jobs from the oldest on; this walks the same index (name, created_on) from its end.
    const { rows } = await this.#pool.query<StoredJob<Data>>(
      `select id, data, state, case when started_on is null then 0 else retry_count + 1 end as attempts,
         created_on as "createdAt", start_after as "startAfter", completed_on as "completedAt", output
       from pgboss.job where name = $1 and data @> $2::jsonb order by created_on desc, id limit $3`,
      [queue, JSON.stringify(contained), limit],
    );
    return rows;
  }

  /**
   * Does the jobs of a queue until `stop`: with retries, a limit of time, a history, and of each key one at a time among all processes.
   * Also where a process was killed or suspended in the midst of one.
   */
  async runInBackground<Data extends object>(job: BackgroundJob<Data>): Promise<void> {
    const { name, cron, concurrency = 1, pollingIntervalSeconds = 5 } = job;
    await this.start();
    await this.defineQueue(name, queueOf(job));
    if (cron) await this.schedule(name, cron);
    await this.work(name, { concurrency, pollingIntervalSeconds }, runOf(this.#pool, job));
  }

  /**
   * Requests a run of a background job.
   *
   * @param key one job of each key waits or runs at a time
   * @returns the job's id, or undefined where one of this key waits or runs already
   */
  async request(
    name: string,
    data: object,
    { key = '' }: { key?: string } = {},
  ): Promise<string | undefined> {
    const request = requestOf(data, key);
    return this.send(name, request.data, request.options);
  }

  /** Ends a job of a known queue that was not done; does nothing where it has ended. */
  async cancel(queue: string, id: string): Promise<void> {
    await this.#boss.cancel(queue, id);
  }

  /**
   * Ends a job that waits or runs. A running one is aborted within half a minute, if its queue has heartbeats.
   *
   * @param id or its beginning
   * @throws OperationsError `job_unknown`, `job_ended`
   */
  async abort(id: string): Promise<ListedJob> {
    const job = await this.get(id);
    if (!['created', 'retry', 'active'].includes(job.state)) throw ended(job, 'cancelled');
    await this.#boss.cancel(job.queue, job.id);
    return this.get(job.id);
  }

  /**
   * Does a job once more that has failed or was cancelled.
   *
   * @param id or its beginning
   * @throws OperationsError `job_unknown`, `job_ended`; `job_running` where another of its key waits or runs
   */
  async retry(id: string): Promise<ListedJob> {
    const job = await this.get(id);
    if (job.state !== 'failed' && job.state !== 'cancelled') throw ended(job, 'retried');
    try {
      if (job.state === 'failed') await this.#boss.retry(job.queue, job.id);
      else await this.#boss.resume(job.queue, job.id);
    } catch (error) {
      if (!(error instanceof pg.DatabaseError) || error.code !== '23505') throw error;
      throw new OperationsError('job_running', `Another job of ${job.queue} does the same already.`, {
        hint: `See: marquee jobs list --queue ${job.queue}`,
      });
    }
    return this.get(job.id);
  }

  /** @param id or its beginning @throws OperationsError `job_unknown` */
  async get(id: string): Promise<ListedJob> {
    const job = await this.history.find(id);
    if (job) return job;
    throw new OperationsError('job_unknown', 'There is no such job, or its history was removed.', {
      hint: 'List them with: marquee jobs list',
    });
  }
}

function ended({ queue, state }: ListedJob, wanted: string): OperationsError {
  const is = { created: 'waits', retry: 'waits for its next attempt', active: 'runs' }[state as string];
  return new OperationsError(
    'job_ended',
    `The job of ${queue} ${is ?? `is ${state}`}, so it cannot be ${wanted}.`,
    { hint: 'See: marquee jobs show' },
  );
}
