import type pg from 'pg';
import { tryWithLock } from './locks';

/** Held by what records moves and schema rollouts, until its transaction ends: none is recorded meanwhile. */
export const MOVES_AND_SCHEMAS =
  "select pg_advisory_xact_lock(hashtextextended('moves and schema rollouts', 0))";

/** Held shared while a move is recorded, and alone by work on all of a tenant's rows. */
const lockOf = (tenantId: string) => `rows of ${tenantId}`;

/** Whether a move of the tenant may be recorded in the client's transaction: no one restores or removes its rows until that has ended. */
export async function mayBeginMove(client: pg.ClientBase, tenantId: string): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>(
    'select pg_try_advisory_xact_lock_shared(hashtextextended($1, 0)) as taken',
    [lockOf(tenantId)],
  );
  return rows[0]?.taken ?? false;
}

/** The table `reserved_ids`: tenants' ids at the sources and targets of open moves. Moves write it themselves. */
export class ReservedIds {
  constructor(private readonly pool: pg.Pool) {}

  /** The open move that has reserved a tenant's id in a data source; undefined where none has. */
  async moveOf(dataSourceId: string, tenantIdThere: string): Promise<string | undefined> {
    const { rows } = await this.pool.query<{ move_id: string }>(
      'select move_id from reserved_ids where data_source = $1 and tenant_id = $2',
      [dataSourceId, tenantIdThere],
    );
    return rows[0]?.move_id;
  }

  /**
   * Does work on all of a tenant's rows while no move of it can begin. One that has begun before is found by `moveOf`.
   *
   * @param work its signal is aborted when the lock is lost
   * @throws OperationsError `job_running` while other such work is done, or a move is just being recorded
   */
  withoutNewMoves<T>(tenantId: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return tryWithLock(this.pool, lockOf(tenantId), work);
  }

  /** Open moves to or from a data source. */
  async movesAt(dataSourceId: string): Promise<string[]> {
    const { rows } = await this.pool.query<{ move_id: string }>(
      'select distinct move_id from reserved_ids where data_source = $1',
      [dataSourceId],
    );
    return rows.map(({ move_id }) => move_id);
  }
}
