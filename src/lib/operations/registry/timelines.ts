import type pg from 'pg';
import type { SeenTimeline } from '@/lib/postgres';

/** The table `data_source_timelines`: what one process has learned of a failover, for those that start later. */
export class Timelines {
  constructor(private readonly pool: pg.Pool) {}

  async find(dataSourceId: string): Promise<SeenTimeline | undefined> {
    const { rows } = await this.pool.query<{ system: string; timeline: number }>(
      'select system, timeline from data_source_timelines where data_source_id = $1',
      [dataSourceId],
    );
    const [row] = rows;
    return row && { system: row.system || undefined, timeline: row.timeline };
  }

  /** The timeline, and when it was first seen. */
  async seen(dataSourceId: string): Promise<{ timeline: number; seenAt: Date } | undefined> {
    const { rows } = await this.pool.query<{ timeline: number; seenAt: Date }>(
      'select timeline, seen_at "seenAt" from data_source_timelines where data_source_id = $1',
      [dataSourceId],
    );
    return rows[0];
  }

  /**
   * Keeps the greatest. A cluster that was made anew has another identifier and begins again; a login that may not read the identifier
   * changes nothing about it.
   *
   * @returns what is known now, which may be later than what this process has seen; undefined for a source that is gone
   */
  async keep(
    dataSourceId: string,
    { system = '', timeline }: SeenTimeline,
  ): Promise<SeenTimeline | undefined> {
    await this.pool.query(
      `insert into data_source_timelines as t (data_source_id, system, timeline)
       select id, $2, $3 from data_sources where id = $1
       on conflict (data_source_id) do update
         set system = coalesce(nullif(excluded.system, ''), t.system), timeline = excluded.timeline, seen_at = now()
         where t.timeline < excluded.timeline
           or (excluded.system <> '' and t.system <> excluded.system and (t.system <> '' or t.timeline = excluded.timeline))`,
      [dataSourceId, system, timeline],
    );
    return this.find(dataSourceId);
  }

  /** The source has other hosts now. */
  async forget(dataSourceId: string): Promise<void> {
    await this.pool.query('delete from data_source_timelines where data_source_id = $1', [dataSourceId]);
  }
}
