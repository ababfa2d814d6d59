import type pg from 'pg';
import type { Move, MoveObject } from './move';
import { asCurrentAttempt } from './move-row';

/** The records of what moves have created in databases: slots, publications, change logs, fences, rows. */
export class MoveObjects {
  constructor(private readonly pool: pg.Pool) {}

  /** Records an object. Call it before the object is created, so that a crash leaves no unrecorded object. */
  async record(move: Move, { kind, dataSource, name }: MoveObject): Promise<void> {
    await asCurrentAttempt(
      this.pool,
      move,
      `insert into move_objects (move_id, kind, data_source, name)
         select id, $3, $4, $5 from moves where id = $1 and attempt = $2
       on conflict (move_id, kind, data_source, name) do update set removed_at = null, recorded_at = now()`,
      [kind, dataSource, name],
    );
  }

  /** Removes the record of an object. Call it after the object was removed, or if it is to remain. */
  async forget(move: Move, { kind, dataSource, name }: MoveObject): Promise<void> {
    await this.pool.query(
      `update move_objects set removed_at = now() where move_id = $1 and kind = $2 and data_source = $3 and name = $4`,
      [move.id, kind, dataSource, name],
    );
  }

  /** What of a move is still to be removed, in the order of its creation. */
  async of(id: string): Promise<MoveObject[]> {
    const { rows } = await this.pool.query<MoveObject>(
      `select kind, data_source "dataSource", name from move_objects where move_id = $1 and removed_at is null order by recorded_at`,
      [id],
    );
    return rows;
  }
}
