// The statements that took a tenant's time, without their values.
import type pg from 'pg';
import type { Period } from './period';

export interface ExpensiveStatement {
  place: string;
  fingerprint: string;
  /** SQL with `?` for values, or method and path of a request to a Supabase project. */
  statement: string;
  calls: number;
  querySeconds: number;
  rows: number;
  /** Share of the query time of all of the tenant's statements, 0 to 1. */
  share: number;
}

/**
 * The most expensive statements of a tenant, of whole days.
 *
 * @param order `time`: that took the most time of all their calls; `slowest`: that took the most time a call
 */
export async function readExpensiveStatements(
  pool: Pick<pg.Pool, 'query'>,
  tenantId: string,
  { from, to }: Period,
  limit = 10,
  order: 'time' | 'slowest' = 'time',
): Promise<ExpensiveStatement[]> {
  const { rows } = await pool.query<ExpensiveStatement & object>(
    `select place, fingerprint, min(statement) statement, sum(calls)::float8 calls, sum(query_us)::float8 / 1e6 "querySeconds",
       sum(rows)::float8 as rows,
       coalesce((sum(query_us) / nullif(sum(sum(query_us)) over (), 0))::float8, 0) as share
     from usage_statements where tenant_id = $1 and day >= ($2::timestamptz at time zone 'UTC')::date and day < ($3::timestamptz at time zone 'UTC')::date
     group by place, fingerprint
     order by sum(query_us) / case when $5 then greatest(sum(calls), 1) else 1 end desc, fingerprint limit $4`,
    [tenantId, from, to, limit, order === 'slowest'],
  );
  return rows;
}
