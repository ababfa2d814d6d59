// One process works on a move, and so many moves work on a server: session advisory locks in the operations database,
// which a process that dies gives back with its connection.
import type pg from 'pg';
import { MovementError } from './errors';

const MOVES = 7302462;
const SERVERS = 7302463;

export class MoveLease {
  #lost = false;
  readonly #onError = () => {
    this.#lost = true;
  };

  private constructor(private readonly client: pg.PoolClient) {
    client.on('error', this.#onError);
  }

  /** @throws MovementError `move_owned_elsewhere` when another process works on the move */
  static async take(pool: pg.Pool, moveId: string): Promise<MoveLease> {
    const client = await pool.connect();
    const lease = new MoveLease(client);
    try {
      if (await lease.#try(moveId, MOVES)) return lease;
    } catch (error) {
      client.release(true);
      throw error;
    }
    await lease.release();
    throw new MovementError('move_owned_elsewhere', 'Another process works on this move.', {
      hint: 'Watch it with: marquee move watch',
    });
  }

  /** Room on both servers, or false: then none is taken. */
  async takeServers(servers: readonly string[], perServer: number): Promise<boolean> {
    for (const server of new Set(servers)) {
      let taken = false;
      for (let place = 0; place < perServer && !taken; place += 1)
        taken = await this.#try(`${server}#${place}`, SERVERS);
      if (!taken) {
        await this.leaveServers(servers, perServer);
        return false;
      }
    }
    return true;
  }

  async leaveServers(servers: readonly string[], perServer: number): Promise<void> {
    for (const server of new Set(servers)) {
      for (let place = 0; place < perServer; place += 1) {
        await this.client.query('select pg_advisory_unlock(hashtextextended($1, $2))', [
          `${server}#${place}`,
          SERVERS,
        ]);
      }
    }
  }

  /** @throws MovementError `move_interrupted` when the operations database has ended our session, and the lock with it */
  async assertHeld(): Promise<void> {
    if (!this.#lost) {
      await this.client.query('select 1').catch(() => {
        this.#lost = true;
      });
    }
    if (this.#lost) {
      throw new MovementError('move_interrupted', 'The operations database has ended our session.', {
        hint: 'Resume the move.',
      });
    }
  }

  /** Gives the locks back, so that the next process finds them free at once. */
  async release(): Promise<void> {
    const freed = await this.client.query('select pg_advisory_unlock_all()').then(
      () => true,
      () => false,
    );
    this.client.release(!freed);
    this.client.off('error', this.#onError);
  }

  async #try(name: string, kind: number): Promise<boolean> {
    const { rows } = await this.client.query<{ taken: boolean }>(
      'select pg_try_advisory_lock(hashtextextended($1, $2)) as taken',
      [name, kind],
    );
    return rows[0]?.taken ?? false;
  }
}
