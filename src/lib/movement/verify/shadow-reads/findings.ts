// What shadow reads have found, stored in the operations database.
import type pg from 'pg';

export type ShadowReadOutcome =
  | { kind: 'same'; sourceMs: number; targetMs: number }
  | { kind: 'different' }
  | { kind: 'refused'; code: string }
  | { kind: 'unsettled' };

export interface ShadowReadLabel {
  /** Digest of the statement's text. */
  statement: string;
  role: string;
  tables: string[];
}

export interface ShadowReads {
  same: number;
  different: number;
  refused: number;
  unsettled: number;
  /** Number of distinct statements. */
  statements: number;
  /** Ratio of the target's read time to the source's, geometric mean; null before the first comparison. */
  latencyRatio: number | null;
  /** Tables of statements that were answered differently or refused. */
  tables: string[];
}

export async function recordShadowRead(
  pool: pg.Pool,
  moveId: string,
  { statement, role, tables }: ShadowReadLabel,
  outcome: ShadowReadOutcome,
): Promise<void> {
  const { sourceMs, targetMs } = outcome.kind === 'same' ? outcome : { sourceMs: 0, targetMs: 0 };
  const ratio = sourceMs > 0 && targetMs > 0 ? Math.log(targetMs / sourceMs) : 0;
  await pool.query(
    `insert into move_shadow_reads as r (move_id, statement, role, tables, ${outcome.kind}, source_ms, target_ms, log_ratio, last_refusal)
     values ($1, $2, $3, $4, 1, $5, $6, $7, $8)
     on conflict (move_id, statement, role) do update set ${outcome.kind} = r.${outcome.kind} + 1, source_ms = r.source_ms + $5,
       target_ms = r.target_ms + $6, log_ratio = r.log_ratio + $7, last_refusal = coalesce($8, r.last_refusal), updated_at = now()`,
    [
      moveId,
      statement,
      role,
      tables,
      sourceMs,
      targetMs,
      ratio,
      outcome.kind === 'refused' ? outcome.code : null,
    ],
  );
}

export async function sumShadowReads(pool: pg.Pool, moveId: string): Promise<ShadowReads> {
  const { rows } = await pool.query<ShadowReads>(
    `select coalesce(sum(same), 0)::float8 as same, coalesce(sum(different), 0)::float8 as different,
       coalesce(sum(refused), 0)::float8 as refused, coalesce(sum(unsettled), 0)::float8 as unsettled,
       count(*)::int as statements, exp(sum(log_ratio) / nullif(sum(same), 0)) as "latencyRatio",
       coalesce((select array_agg(distinct t order by t) from move_shadow_reads w, unnest(w.tables) t
         where w.move_id = $1 and w.different + w.refused > 0), '{}') as tables
     from move_shadow_reads where move_id = $1`,
    [moveId],
  );
  return rows[0] as ShadowReads;
}
