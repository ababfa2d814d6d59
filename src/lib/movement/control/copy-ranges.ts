import type pg from 'pg';
import type { CopiedTable, CopyRange, Move } from './move';
import { asCurrentAttempt } from './move-row';

/** The records of the key ranges that moves copy. */
export class CopyRanges {
  constructor(private readonly pool: pg.Pool) {}

  /** In the order of tables and keys. */
  async of(id: string): Promise<CopyRange[]> {
    const { rows } = await this.pool.query<CopyRange & { rows: string; bytes: string }>(
      `select table_name "table", place, after_key "afterKey", up_to_key "upToKey", rows::float8, bytes::float8, done
       from move_ranges where move_id = $1 order by table_name, place`,
      [id],
    );
    return rows;
  }

  async plan(move: Move, ranges: readonly CopyRange[]): Promise<void> {
    await this.pool.query(
      `insert into move_ranges (move_id, table_name, place, after_key, up_to_key)
       select $1, t, p, a, u from unnest($2::text[], $3::int[], $4::text[], $5::text[]) as r (t, p, a, u) on conflict do nothing`,
      [
        move.id,
        ...(['table', 'place', 'afterKey', 'upToKey'] as const).map((name) =>
          ranges.map((range) => range[name]),
        ),
      ],
    );
  }

  async finish(move: Move, range: CopyRange): Promise<void> {
    await asCurrentAttempt(
      this.pool,
      move,
      `update move_ranges r set done = true, rows = $5, bytes = $6 from moves m
       where m.id = $1 and m.attempt = $2 and r.move_id = m.id and r.table_name = $3 and r.place = $4`,
      [range.table, range.place, range.rows, range.bytes],
    );
  }

  async forget(move: Move): Promise<void> {
    await this.pool.query(
      'delete from move_ranges r using moves m where r.move_id = m.id and m.id = $1 and m.attempt = $2',
      [move.id, move.attempt],
    );
  }

  /** The progress of the copy by table, in the order of names. */
  async copied(id: string): Promise<CopiedTable[]> {
    const { rows } = await this.pool.query<CopiedTable>(
      `select table_name "table", count(*)::int as ranges, count(*) filter (where done)::int as done,
         sum(rows)::float8 as rows, sum(bytes)::float8 as bytes
       from move_ranges where move_id = $1 group by table_name order by table_name`,
      [id],
    );
    return rows;
  }
}
