// What comparing reads found, as the operations database keeps it.
import type pg from 'pg';

export type DarkReadOutcome =
  | { kind: 'same'; oldMs: number; newMs: number }
  | { kind: 'different' }
  | { kind: 'refused'; code: string }
  | { kind: 'unsettled' };

export interface DarkReadLabel {
  /** Digest of the statement's text. */
  statement: string;
  role: string;
  tables: string[];
}

export interface DarkReads {
  same: number;
  different: number;
  refused: number;
  unsettled: number;
  /** Different statements. */
  statements: number;
  /** How many times as long as the old home the new one takes, geometric mean; null before anything was compared. */
  latencyRatio: number | null;
  /** Tables of statements that were answered otherwise or refused. */
  tables: string[];
}

export async function recordDarkRead(
  pool: pg.Pool,
  moveId: string,
  { statement, role, tables }: DarkReadLabel,
  outcome: DarkReadOutcome,
): Promise<void> {
  const { oldMs, newMs } = outcome.kind === 'same' ? outcome : { oldMs: 0, newMs: 0 };
  const ratio = oldMs > 0 && newMs > 0 ? Math.log(newMs / oldMs) : 0;
  await pool.query(
    `insert into move_dark_reads as r (move_id, statement, role, tables, ${outcome.kind}, old_ms, new_ms, log_ratio, last_refusal)
     values ($1, $2, $3, $4, 1, $5, $6, $7, $8)
     on conflict (move_id, statement, role) do update set ${outcome.kind} = r.${outcome.kind} + 1, old_ms = r.old_ms + $5,
       new_ms = r.new_ms + $6, log_ratio = r.log_ratio + $7, last_refusal = coalesce($8, r.last_refusal), updated_at = now()`,
    [moveId, statement, role, tables, oldMs, newMs, ratio, outcome.kind === 'refused' ? outcome.code : null],
  );
}

export async function sumDarkReads(pool: pg.Pool, moveId: string): Promise<DarkReads> {
  const { rows } = await pool.query<DarkReads>(
    `select coalesce(sum(same), 0)::float8 as same, coalesce(sum(different), 0)::float8 as different,
       coalesce(sum(refused), 0)::float8 as refused, coalesce(sum(unsettled), 0)::float8 as unsettled,
       count(*)::int as statements, exp(sum(log_ratio) / nullif(sum(same), 0)) as "latencyRatio",
       coalesce((select array_agg(distinct t order by t) from move_dark_reads w, unnest(w.tables) t
         where w.move_id = $1 and w.different + w.refused > 0), '{}') as tables
     from move_dark_reads where move_id = $1`,
    [moveId],
  );
  return rows[0] as DarkReads;
}
