// What the queue keeps of jobs: those that wait, those that run, and those that ended in the last days.
import type pg from 'pg';

/** A job as the queue keeps it, for a while after it was done, too. */
export interface StoredJob<Data> {
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

export interface ListedJob extends StoredJob<Record<string, unknown>> {
  queue: string;
  startedAt: Date | null;
  /** Further attempts that its queue grants. */
  retryLimit: number;
}

export interface ListedQueue {
  queue: string;
  /** When its jobs are sent by themselves: five fields, UTC. */
  cron: string | null;
  waiting: number;
  active: number;
  /** Failed jobs among those that are kept. */
  failed: number;
  completed: number;
  lastCompletedAt: Date | null;
  lastFailedAt: Date | null;
}

const COLUMNS = `id, name as queue, data, state, case when started_on is null then 0 else retry_count + 1 end as attempts,
  retry_limit "retryLimit", created_on "createdAt", start_after "startAfter", started_on "startedAt",
  completed_on "completedAt", output`;

/** pg-boss uses these itself. */
const OWN = "name not like '\\_\\_pgboss\\_\\_%'";

export class JobHistory {
  constructor(private readonly pool: pg.Pool) {}

  /** By name. */
  async queues(): Promise<ListedQueue[]> {
    if (!(await this.#isThere())) return [];
    const { rows } = await this.pool.query<ListedQueue & object>(
      `select q.name as queue, (select s.cron from pgboss.schedule s where s.name = q.name limit 1) as cron,
         count(*) filter (where j.state in ('created', 'retry'))::int as waiting,
         count(*) filter (where j.state = 'active')::int as active,
         count(*) filter (where j.state = 'failed')::int as failed,
         count(*) filter (where j.state = 'completed')::int as completed,
         max(j.completed_on) filter (where j.state = 'completed') as "lastCompletedAt",
         max(j.completed_on) filter (where j.state = 'failed') as "lastFailedAt"
       from pgboss.queue q left join pgboss.job j on j.name = q.name where q.${OWN} group by q.name order by q.name`,
    );
    return rows;
  }

  /** The latest first. */
  async list(
    filter: { queue?: string | undefined; state?: string | undefined; limit?: number | undefined } = {},
  ): Promise<ListedJob[]> {
    if (!(await this.#isThere())) return [];
    const { queue = null, state = null, limit = 50 } = filter;
    const { rows } = await this.pool.query<ListedJob>(
      `select ${COLUMNS} from pgboss.job
       where ${OWN} and ($1::text is null or name = $1) and ($2::text is null or state::text = $2)
       order by created_on desc, id limit $3`,
      [queue, state, limit],
    );
    return rows;
  }

  /** @param id the whole id, or a beginning of it that only one job has */
  async find(id: string): Promise<ListedJob | undefined> {
    if (!(await this.#isThere())) return undefined;
    const { rows } = await this.pool.query<ListedJob>(
      `select ${COLUMNS} from pgboss.job where ${OWN} and starts_with(id::text, lower($1)) limit 2`,
      [id],
    );
    return rows.length === 1 ? rows[0] : undefined;
  }

  /** The queue makes its tables when a process first starts it. */
  async #isThere(): Promise<boolean> {
    const { rows } = await this.pool.query<{ there: boolean }>(
      "select to_regclass('pgboss.job') is not null as there",
    );
    return rows[0]?.there ?? false;
  }
}
