// The lease of a move, which one process holds, and places on servers, which limit concurrent moves. Both are session advisory locks in the
// operations database, so a process that dies releases them with its connection. A process that is suspended or cut off keeps them; if its
// heartbeat is missing, another process ends its session.

import type pg from 'pg';
import { PrimaryClient } from '@/lib/postgres';
import { endQuietly } from '@/lib/tenant-data/rows';
import { MovementError } from '../errors';
import { startHeartbeat } from './heartbeat';

const MOVES = 7302462;
const SERVERS = 7302463;

/** A holder without a heartbeat for this long loses its lease, ms. It is less than the 10 s that a tenant's statements wait for a move. */
const SILENT_MS = 6_000;

const HOLDERS = `select a.pid, a.query_start from pg_locks l join pg_stat_activity a using (pid)
  where l.locktype = 'advisory' and l.granted and l.objsubid = 1
    and l.database = (select oid from pg_database where datname = current_database())
    and l.classid::bigint << 32 | l.objid::bigint = hashtextextended($1, $2)`;

export class MoveLease {
  #lost = false;
  /** Names of the places that are held. */
  readonly #places: string[] = [];
  #last: Promise<unknown> = Promise.resolve();
  #stopHeartbeat: () => void = () => {};
  #lose: () => void = () => {};
  /** Rejects when the session has ended or does not answer, so that another process may hold the lock. */
  readonly lost: Promise<never>;

  private constructor(private readonly client: pg.Client) {
    this.lost = new Promise((_, reject) => {
      this.#lose = () => {
        this.#lost = true;
        reject(interrupted());
      };
    });
    this.lost.catch(() => {});
    client.on('error', this.#lose);
    client.on('end', this.#lose);
  }

  /**
   * Takes the lease, over a connection of its own, since reverse replication may hold a lease for days.
   *
   * @throws MovementError `move_lease_held` when another process holds the lease
   */
  static async take(pool: pg.Pool, moveId: string): Promise<MoveLease> {
    const client = new PrimaryClient({ ...pool.options, application_name: 'marquee move' });
    const lease = new MoveLease(client);
    try {
      await client.connect();
      if ((await lease.#try(moveId, MOVES)) || (await lease.#takeFromSilent(moveId))) {
        // Other processes see the heartbeat as the time of this session's last statement.
        lease.#stopHeartbeat = startHeartbeat(() => lease.#query('select 1'), SILENT_MS, lease.#lose);
        return lease;
      }
    } catch (error) {
      await lease.release();
      throw error;
    }
    await lease.release();
    throw new MovementError('move_lease_held', 'Another process runs this move.', {
      hint: 'Watch it with: marquee move watch',
    });
  }

  /** Takes a place on each server, or none. @returns whether they were taken */
  async takeServers(servers: readonly string[], perServer: number): Promise<boolean> {
    // An advisory lock that is taken twice has to be released twice.
    if (this.#places.length > 0) return true;
    for (const server of new Set(servers)) {
      const before = this.#places.length;
      for (let place = 0; place < perServer && this.#places.length === before; place += 1) {
        const name = `${server}#${place}`;
        if (await this.#try(name, SERVERS)) this.#places.push(name);
      }
      if (this.#places.length === before) {
        await this.leaveServers();
        return false;
      }
    }
    return true;
  }

  async leaveServers(): Promise<void> {
    for (const name of this.#places.splice(0)) {
      await this.#query('select pg_advisory_unlock(hashtextextended($1, $2))', [name, SERVERS]);
    }
  }

  /** @throws MovementError `move_interrupted` when the session has ended, and the lock with it */
  async assertHeld(): Promise<void> {
    if (!this.#lost) await Promise.race([this.#query('select 1').catch(this.#lose), this.lost]);
    if (this.#lost) throw interrupted();
  }

  /** Releases all locks at once. */
  async release(): Promise<void> {
    this.#stopHeartbeat();
    await endQuietly(this.client);
  }

  /** Ends the session of a holder without a heartbeat, and takes its lease. */
  async #takeFromSilent(moveId: string): Promise<boolean> {
    const { rowCount } = await this.#query(
      `select pg_terminate_backend(pid, 2000) from (${HOLDERS}) holder
       where query_start < clock_timestamp() - $3 * interval '1 ms'`,
      [moveId, MOVES, SILENT_MS],
    );
    return Boolean(rowCount) && this.#try(moveId, MOVES);
  }

  /** Sends one statement after the other. */
  #query<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<pg.QueryResult<Row>> {
    const answer = this.#last.then(() => this.client.query<Row>(text, values));
    this.#last = answer.catch(() => {});
    return answer;
  }

  async #try(name: string, kind: number): Promise<boolean> {
    const { rows } = await this.#query<{ taken: boolean }>(
      'select pg_try_advisory_lock(hashtextextended($1, $2)) as taken',
      [name, kind],
    );
    return rows[0]?.taken ?? false;
  }
}

/** Whether a process holds the lease of the move now. */
export async function isLeased(pool: pg.Pool, moveId: string): Promise<boolean> {
  const { rows } = await pool.query<{ held: boolean }>(`select exists (${HOLDERS}) as held`, [moveId, MOVES]);
  return rows[0]?.held ?? false;
}

function interrupted(): MovementError {
  return new MovementError(
    'move_interrupted',
    'The lease of this move was lost: its session in the operations database has ended or does not answer.',
    {
      hint: 'Resume the move.',
    },
  );
}
