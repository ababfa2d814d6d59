// One process works on a move, and so many moves work on a server: session advisory locks in the operations database,
// which a process that dies gives back with its connection. One that is stopped, or cut off, is told by its silence.
import pg from 'pg';
import { MovementError } from '../errors';
import { keepAsking } from './heartbeat';
import { endQuietly } from './mover-connection';

const MOVES = 7302462;
const SERVERS = 7302463;

/** A holder that has not been heard of for so long is taken over from; statements of a tenant wait for 10 s. */
const SILENT_MS = 6_000;

const HOLDERS = `select a.pid, a.query_start from pg_locks l join pg_stat_activity a using (pid)
  where l.locktype = 'advisory' and l.granted and l.objsubid = 1
    and l.database = (select oid from pg_database where datname = current_database())
    and l.classid::bigint << 32 | l.objid::bigint = hashtextextended($1, $2)`;

export class MoveLease {
  #lost = false;
  /** Places on servers that it has. */
  readonly #places: string[] = [];
  #last: Promise<unknown> = Promise.resolve();
  #stopAsking: () => void = () => {};
  #lose: () => void = () => {};
  /** Rejects when the operations database has ended our session or answers no more, and the lock may be another's. */
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
   * On a connection of its own: moves with a way back are held for days, and the pool is for everybody.
   *
   * @throws MovementError `move_owned_elsewhere` when another process works on the move
   */
  static async take(pool: pg.Pool, moveId: string): Promise<MoveLease> {
    const client = new pg.Client({ ...pool.options, application_name: 'marquee move' });
    const lease = new MoveLease(client);
    try {
      await client.connect();
      if ((await lease.#try(moveId, MOVES)) || (await lease.#takeFromSilent(moveId))) {
        // What others see of us: the time of our session's last statement.
        lease.#stopAsking = keepAsking(() => lease.#query('select 1'), SILENT_MS, lease.#lose);
        return lease;
      }
    } catch (error) {
      await lease.release();
      throw error;
    }
    await lease.release();
    throw new MovementError('move_owned_elsewhere', 'Another process works on this move.', {
      hint: 'Watch it with: marquee move watch',
    });
  }

  /** Room on both servers, or false: then none is taken. */
  async takeServers(servers: readonly string[], perServer: number): Promise<boolean> {
    // A session may lock what it has locked, and would have to unlock it as often.
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

  /** @throws MovementError `move_interrupted` when the operations database has ended our session, and the lock with it */
  async assertHeld(): Promise<void> {
    if (!this.#lost) await Promise.race([this.#query('select 1').catch(this.#lose), this.lost]);
    if (this.#lost) throw interrupted();
  }

  /** Gives the locks back, so that the next process finds them free at once. */
  async release(): Promise<void> {
    this.#stopAsking();
    await endQuietly(this.client);
  }

  /** Ends the session of a holder that says nothing any more. */
  async #takeFromSilent(moveId: string): Promise<boolean> {
    const { rowCount } = await this.#query(
      `select pg_terminate_backend(pid, 2000) from (${HOLDERS}) holder
       where query_start < clock_timestamp() - $3 * interval '1 ms'`,
      [moveId, MOVES, SILENT_MS],
    );
    return Boolean(rowCount) && this.#try(moveId, MOVES);
  }

  /** One at a time. */
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

/** Whether a process works on the move now. */
export async function isWorkedOn(pool: pg.Pool, moveId: string): Promise<boolean> {
  const { rows } = await pool.query<{ held: boolean }>(`select exists (${HOLDERS}) as held`, [moveId, MOVES]);
  return rows[0]?.held ?? false;
}

function interrupted(): MovementError {
  return new MovementError(
    'move_interrupted',
    'The operations database has ended our session, or is silent.',
    {
      hint: 'Resume the move.',
    },
  );
}
