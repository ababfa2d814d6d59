// Work that takes longer than a request: it runs in this process, and any process can read its state by its id.
import type pg from 'pg';
import { type Author, actAs } from '@/lib/application';
import { inWords, MarqueeError } from '@/lib/failures';
import { withTransaction } from '@/lib/operations';
import { RequestError } from '../../errors';

export interface OperatorTask {
  id: string;
  kind: string;
  subject: string | null;
  title: string;
  requestedBy: string;
  /** `interrupted`: the process that ran it has ended. */
  state: 'running' | 'done' | 'failed' | 'interrupted';
  progress: Record<string, unknown>;
  result: Record<string, unknown> | null;
  error: { code: string; message: string; hint?: string } | null;
  startedAt: Date;
  finishedAt: Date | null;
}

export interface NewTask {
  kind: string;
  subject?: string;
  title: string;
  by: Author;
  /** Begins nothing where work of this kind and subject runs already, and answers that. */
  joins?: boolean;
}

/** Parts of the work have failed, or all of them. What was done, and why others were not, stands in the result. */
export class PartsFailed extends RequestError {
  constructor(
    readonly result: object,
    { failed, of }: { failed: number; of?: number },
  ) {
    const count = of === undefined ? `${failed}` : `${failed} of ${of}`;
    super('parts_failed', of === 1 ? 'It has failed.' : `Failed: ${count}.`);
  }
}

/** @throws PartsFailed among others */
export type TaskWork = (run: {
  /** Stored for the task's readers, at most twice a second. */
  progress: (now: Record<string, unknown>) => void;
  /** Aborted when this process stops. */
  signal: AbortSignal;
}) => Promise<object>;

const ALIVE_MS = 10_000;
const DEAD_AFTER_SECONDS = 45;
const PROGRESS_MS = 500;
const KEPT_DAYS = 30;

const COLUMNS = `id, kind, subject, title, requested_by "requestedBy", progress, result, error, started_at "startedAt",
  finished_at "finishedAt", case when state = 'running' and alive_at < now() - make_interval(secs => ${DEAD_AFTER_SECONDS})
    then 'interrupted' else state end as state`;

export class OperatorTasks {
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<void>>();

  /** @param report called with each failure that the task's record does not say whole */
  constructor(
    private readonly pool: pg.Pool,
    private readonly report: (error: unknown, taskId: string) => void,
  ) {}

  /** Starts work and returns at once. Its changes are recorded as made by `by`. */
  async begin({ kind, subject, title, by, joins = false }: NewTask, work: TaskWork): Promise<OperatorTask> {
    await this.pool.query(
      "delete from operator_tasks where started_at < now() - make_interval(days => $1) and alive_at < now() - interval '1 day'",
      [KEPT_DAYS],
    );
    const { task, isNew } = await withTransaction(this.pool, async (client) => {
      if (joins) {
        await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [
          `operator task ${kind} ${subject}`,
        ]);
        const { rows } = await client.query<OperatorTask>(
          `select * from (select ${COLUMNS} from operator_tasks where kind = $1 and subject is not distinct from $2
             and finished_at is null) t where state = 'running'`,
          [kind, subject ?? null],
        );
        if (rows[0]) return { task: rows[0], isNew: false };
      }
      const { rows } = await client.query<OperatorTask>(
        `insert into operator_tasks (kind, subject, title, requested_by) values ($1, $2, $3, $4) returning ${COLUMNS}`,
        [kind, subject ?? null, title, by.actor],
      );
      return { task: rows[0] as OperatorTask, isNew: true };
    });
    if (!isNew) return task;
    const running = actAs({ author: by }, () => this.#run(task.id, work)).finally(() =>
      this.#running.delete(running),
    );
    this.#running.add(running);
    return task;
  }

  /** The latest first. */
  async list(
    filter: { kinds?: readonly string[]; subject?: string | undefined; limit?: number } = {},
  ): Promise<OperatorTask[]> {
    const { kinds = null, subject = null, limit = 50 } = filter;
    const { rows } = await this.pool.query<OperatorTask>(
      `select ${COLUMNS} from operator_tasks where ($1::text[] is null or kind = any ($1)) and ($2::text is null or subject = $2)
       order by started_at desc limit $3`,
      [kinds, subject, limit],
    );
    return rows;
  }

  /** @throws RequestError `not_found` */
  async get(id: string): Promise<OperatorTask> {
    const { rows } = await this.pool.query<OperatorTask>(
      `select ${COLUMNS} from operator_tasks where id = $1`,
      [id],
    );
    if (rows[0]) return rows[0];
    throw new RequestError('not_found', 'There is no such task, or its record was removed.');
  }

  /** Aborts the running tasks and waits until they have ended. */
  async close(): Promise<void> {
    this.#stopping.abort(new Error('The process stops.'));
    await Promise.allSettled(this.#running);
  }

  async #run(id: string, work: TaskWork): Promise<void> {
    let latest: Record<string, unknown> | undefined;
    const beat = () => {
      const now = latest;
      latest = undefined;
      // A lost heartbeat does not matter: the next one follows.
      this.pool
        .query(
          'update operator_tasks set alive_at = now(), progress = coalesce($2, progress) where id = $1 and finished_at is null',
          [id, now ? JSON.stringify(now) : null],
        )
        .catch(() => {});
    };
    const alive = setInterval(beat, ALIVE_MS).unref();
    let storedAt = 0;
    const progress = (now: Record<string, unknown>) => {
      latest = now;
      if (Date.now() - storedAt < PROGRESS_MS) return;
      storedAt = Date.now();
      beat();
    };
    const [state, result, error] = await work({ progress, signal: this.#stopping.signal })
      .then((done) => ['done', done, null] as const)
      .catch((failure: unknown) => {
        if (!(failure instanceof MarqueeError)) this.report(failure, id);
        const partial = failure instanceof PartsFailed ? failure.result : null;
        return ['failed', partial, describe(failure)] as const;
      });
    clearInterval(alive);
    await this.pool
      .query(
        `update operator_tasks set state = $2, result = $3, error = $4, finished_at = now(), progress = coalesce($5, progress)
         where id = $1`,
        [
          id,
          state,
          result && JSON.stringify(result),
          error && JSON.stringify(error),
          latest ? JSON.stringify(latest) : null,
        ],
      )
      // If the operations database cannot be reached, the task is shown as interrupted later.
      .catch(() => {});
  }
}

/** Only Marquee's own errors are shown as they are: messages of other libraries may contain credentials. */
function describe(error: unknown): OperatorTask['error'] {
  if (!(error instanceof MarqueeError)) {
    const { message } = inWords(error, 'Something went wrong');
    return { code: 'internal_error', message: `${message} The server’s log says more.` };
  }
  const { code, message, hint } = error;
  return { code, message, ...(hint ? { hint } : {}) };
}
