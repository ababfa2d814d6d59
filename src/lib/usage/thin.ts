// Hours that are older than two months are added up by the day; statements and the numbers of ended processes are forgotten.
import type pg from 'pg';
import { lasting, withTransaction } from '@/lib/operations';
import { COUNTERS } from './consumption';
import { HOURS_KEPT_DAYS } from './period';

/** Statements are kept for this month and the 12 before. */
const STATEMENTS_KEPT = "interval '13 months'";
/** How many of a tenant's most expensive statements of a day are kept once the day is over. */
const STATEMENTS_A_DAY = 50;
/** Each statement goes through all that many tenants used in a day, ms. */
const THIN_MS = 600_000;
/** A process that ended longer ago than this does not send a batch again. */
const WRITERS_KEPT = "interval '2 days'";

const COLUMNS = Object.keys(COUNTERS);

/** May be called again, and by several processes at once. */
export async function thinUsage(pool: pg.Pool, now = new Date()): Promise<void> {
  const before = new Date(now.getTime() - HOURS_KEPT_DAYS * 86_400_000);
  const long = (text: string, at: Date) => lasting(text, [at], THIN_MS);
  await withTransaction(pool, async (client) => {
    await client.query(
      long(
        `with hours as (
         delete from usage_buckets where seconds = 3600 and starts_at < date_trunc('day', $1::timestamptz, 'UTC') returning *
       )
       insert into usage_buckets as u (tenant_id, place, seconds, starts_at, ${COLUMNS.join(', ')})
       select tenant_id, place, 86400, date_trunc('day', starts_at, 'UTC'), ${COLUMNS.map((name) => `sum(${name})`).join(', ')}
       from hours group by 1, 2, 4 order by 1, 2, 4
       on conflict (tenant_id, place, seconds, starts_at) do update set ${COLUMNS.map((name) => `${name} = u.${name} + excluded.${name}`).join(', ')}`,
        before,
      ),
    );
  });
  await pool.query(
    long(
      `delete from usage_statements s using (
       select tenant_id, day, place, fingerprint, row_number() over (partition by tenant_id, day order by query_us desc, fingerprint) place_in_day
       from usage_statements where day between ($1::timestamptz at time zone 'UTC')::date - 3 and ($1::timestamptz at time zone 'UTC')::date - 1) ranked
     where ranked.place_in_day > ${STATEMENTS_A_DAY} and s.tenant_id = ranked.tenant_id and s.day = ranked.day and s.place = ranked.place
       and s.fingerprint = ranked.fingerprint`,
      now,
    ),
  );
  await pool.query(
    long(`delete from usage_statements where day < ($1::timestamptz - ${STATEMENTS_KEPT})::date`, now),
  );
  await pool.query(`delete from usage_writers where flushed_at < $1::timestamptz - ${WRITERS_KEPT}`, [now]);
}
