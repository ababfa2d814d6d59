import { randomUUID } from 'node:crypto';
import type pg from 'pg';

/** What a request is known by. */
export interface RequestKey {
  tenantId: string;
  /** A user's id, `link:<hash>`, or `anyone`. */
  caller: string;
  /** SHA-256, hex. */
  keyHash: string;
}

export type Taken =
  /** Who took it does the work, then calls `finish` or `release` with `holder`. */
  | { state: 'taken'; holder: string }
  | { state: 'running' }
  /** The first request's answer, as it was given to `finish`. */
  | { state: 'done'; status: number; answer: string }
  /** The key was used for another request. */
  | { state: 'reused' };

/** How long a process that does the work may be silent, seconds; `renew` is called more often. */
const LEASE_SECONDS = 60;
const RENEW_MS = 20_000;
/** Longer than any work takes: what was left behind by a process that ended. */
const KEPT_WHILE_RUNNING_SECONDS = 3600;

/** The table `idempotent_requests`: which requests are being done, and what was answered. */
export class IdempotentRequests {
  constructor(private readonly pool: pg.Pool) {}

  /**
   * Takes a request before its work is done. Of several at once one gets it.
   *
   * @param fingerprint SHA-256 of the request, hex
   * @param waitedMs how long ago the request came: it is then given an answer only where it came before that was finished
   */
  async take(
    { tenantId, caller, keyHash }: RequestKey,
    fingerprint: string,
    waitedMs?: number,
  ): Promise<Taken> {
    const holder = randomUUID();
    const { rowCount } = await this.pool.query(
      `insert into idempotent_requests as r (tenant_id, caller, key_hash, fingerprint, holder, leased_until, expires_at)
       values ($1, $2, $3, $4, $5, now() + make_interval(secs => $6), now() + make_interval(secs => $7))
       on conflict (tenant_id, caller, key_hash) do update set
         fingerprint = excluded.fingerprint, holder = excluded.holder, state = 'running', status = null, answer = null,
         finished_at = null,
         leased_until = excluded.leased_until, created_at = now(), expires_at = excluded.expires_at
       where case r.state when 'running' then r.leased_until <= now()
         else r.expires_at <= now() or r.finished_at <= now() - make_interval(secs => $8) end`,
      [
        tenantId,
        caller,
        keyHash,
        fingerprint,
        holder,
        LEASE_SECONDS,
        KEPT_WHILE_RUNNING_SECONDS,
        waitedMs === undefined ? null : waitedMs / 1000,
      ],
    );
    if (rowCount === 1) return { state: 'taken', holder };
    const { rows } = await this.pool.query<{
      fingerprint: string;
      state: 'running' | 'done';
      status: number;
      answer: string;
    }>(
      'select fingerprint, state, status, answer from idempotent_requests where tenant_id = $1 and caller = $2 and key_hash = $3',
      [tenantId, caller, keyHash],
    );
    const [row] = rows;
    // Released between the two statements: the first request failed just now.
    if (!row) return { state: 'running' };
    if (row.fingerprint !== fingerprint) return { state: 'reused' };
    return row.state === 'done'
      ? { state: 'done', status: row.status, answer: row.answer }
      : { state: 'running' };
  }

  /** Renews the lease of requests while their work goes on. @returns a function that stops it */
  hold(holders: string[]): () => void {
    const timer = setInterval(() => {
      this.pool
        .query(
          'update idempotent_requests set leased_until = now() + make_interval(secs => $2) where holder = any($1)',
          [holders, LEASE_SECONDS],
        )
        .catch(() => {}); // The lease is three times as long as this interval.
    }, RENEW_MS).unref();
    return () => clearInterval(timer);
  }

  /** Keeps the answer. @param answer encrypted @param seconds how long it is given again */
  async finish(holder: string, status: number, answer: string, seconds: number): Promise<void> {
    await this.pool.query(
      `update idempotent_requests set state = 'done', status = $2, answer = $3, finished_at = now(),
         expires_at = now() + make_interval(secs => $4)
       where holder = $1`,
      [holder, status, answer, seconds],
    );
  }

  /** The work failed, or its answer is not kept: the next request does it. */
  async release(holder: string): Promise<void> {
    await this.pool.query('delete from idempotent_requests where holder = $1', [holder]);
  }

  async forgetOld(): Promise<void> {
    await this.pool.query('delete from idempotent_requests where expires_at <= now()');
  }
}
