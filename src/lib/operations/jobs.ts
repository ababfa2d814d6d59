import type pg from 'pg';
import { type Job as BossJob, PgBoss, type Queue } from 'pg-boss';

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

/** A job as the queue keeps it, for a while after it was done, too. */
export interface KeptJob<Data> {
  id: string;
  data: Data;
  state: 'created' | 'retry' | 'active' | 'completed' | 'cancelled' | 'failed';
  /** How often it was begun. */
  attempts: number;
  createdAt: Date;
  /** When it is begun next, where it waits. */
  startAfter: Date;
  completedAt: Date | null;
  /** What the handler gave, or why it failed last. */
  output: Record<string, unknown> | null;
}

/** Retries and the like; `policy: 'short'` keeps one waiting job of a `singletonKey`. */
export type QueueOptions = Omit<Queue, 'name'>;

/**
 * The job queue: pg-boss, in schema `pgboss` of the operations database, over its pool.
 *
 * A job's data is stored as it is: it names tenants and data sources by id and never carries a credential.
 */
export class Jobs {
  readonly #boss: PgBoss;
  readonly #pool: pg.Pool;
  #started: Promise<unknown> | undefined;
  #failed: (error: Error) => void = () => {};

  constructor(pool: pg.Pool) {
    this.#pool = pool;
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

  /** Waits for jobs under way, at most `timeoutMs`; they are done again elsewhere when it does not suffice. */
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
  async latest<Data>(queue: string, contained: Partial<Data>, limit: number): Promise<KeptJob<Data>[]> {
    // pg-boss itself finds jobs from the oldest on; this walks the same index (name, created_on) from its end.
    const { rows } = await this.#pool.query<KeptJob<Data>>(
      `select id, data, state, case when started_on is null then 0 else retry_count + 1 end as attempts,
         created_on as "createdAt", start_after as "startAfter", completed_on as "completedAt", output
       from pgboss.job where name = $1 and data @> $2::jsonb order by created_on desc, id limit $3`,
      [queue, JSON.stringify(contained), limit],
    );
    return rows;
  }

  /** Ends a job that was not done. */
  async cancel(queue: string, id: string): Promise<void> {
    await this.#boss.cancel(queue, id);
  }
}
