import type pg from 'pg';

/** How long statements waited in the last cut-overs, ms. */
export interface PastPauses {
  /** Number of cut-overs that are counted: of moves to this data source, or of all moves if there were none. */
  moves: number;
  /** Whether only moves to this data source are counted. */
  toThisSource: boolean;
  medianMs: number | null;
  longestMs: number | null;
}

const LAST = 20;

/** Reads the pauses of the last 20 cut-overs. @param toSource id of the target */
export async function readPastPauses(pool: Pick<pg.Pool, 'query'>, toSource: string): Promise<PastPauses> {
  const { rows } = await pool.query<PastPauses>(
    `with cut_over as (select to_source = $1 as here, (progress ->> 'pauseMs')::float8 as ms, created_at
       from moves where progress ? 'pauseMs'),
     counted as (select here, ms from cut_over
       where here or not exists (select from cut_over where here) order by created_at desc limit $2)
     select count(*)::int as moves, coalesce(bool_and(here), false) as "toThisSource",
       percentile_cont(0.5) within group (order by ms) as "medianMs", max(ms) as "longestMs" from counted`,
    [toSource, LAST],
  );
  return rows[0] as PastPauses;
}
