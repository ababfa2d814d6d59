// History grows thinner as it ages: single rounds for a day, buckets of 5 minutes for a week, of an hour for 90 days.
import type pg from 'pg';
import { lasting, withTransaction } from '@/lib/operations';
import { KEPT } from './read';

/** Each statement goes through the rounds of all data sources, ms. */
const THIN_MS = 600_000;

/**
 * Makes the buckets that are complete, and deletes what is past its time. May run any number of times: a bucket that is there is not
 * made again, and rounds are deleted only a day later.
 *
 * @param now for tests
 */
export async function thinHistory(pool: pg.Pool, now = new Date()): Promise<void> {
  await withTransaction(pool, async (client) => {
    await makeBuckets(client, { from: 0, to: 300, now });
    await makeBuckets(client, { from: 300, to: 3_600, now });
    for (const { seconds, forSeconds } of KEPT)
      await client.query(
        lasting(
          'delete from health_samples where seconds = $1 and at < $2::timestamptz - make_interval(secs => $3)',
          [seconds, now, forSeconds],
          THIN_MS,
        ),
      );
    await client.query(
      lasting("delete from health_changes where at < $1::timestamptz - interval '90 days'", [now], THIN_MS),
    );
  });
}

interface Step {
  from: number;
  to: number;
  now: Date;
}

async function makeBuckets(client: pg.ClientBase, { from, to, now }: Step): Promise<void> {
  // Averages are weighted by rounds; the cause is that of the worst sample, then of the latest.
  await client.query(
    lasting(
      `with fresh as (
       select s.*, to_timestamp(floor(extract(epoch from at) / $2) * $2) as bucket from health_samples s
       where seconds = $1 and at < to_timestamp(floor(extract(epoch from $3::timestamptz) / $2) * $2)
         and at >= coalesce((select max(m.at) + make_interval(secs => $2) from health_samples m
           where m.seconds = $2 and m.data_source_id = s.data_source_id), '-infinity')),
     counted as (
       select data_source_id, bucket, sum(rounds)::int as rounds, sum(degraded)::int as degraded, sum(unhealthy)::int as unhealthy,
         (array_agg(cause order by unhealthy > 0 desc, degraded > 0 desc, at desc))[1] as cause
       from fresh group by 1, 2),
     measured as (
       select data_source_id, bucket, jsonb_object_agg(name, jsonb_build_object('avg', average, 'max', most)) as measures from (
         select data_source_id, bucket, name, sum((value ->> 'avg')::float8 * rounds) / sum(rounds) as average, max((value ->> 'max')::float8) as most
         from fresh, jsonb_each(measures) m (name, value) group by 1, 2, 3) each
       group by 1, 2)
     insert into health_samples (data_source_id, seconds, at, rounds, degraded, unhealthy, cause, measures)
     select data_source_id, $2, bucket, rounds, degraded, unhealthy, cause, coalesce(measures, '{}')
     from counted left join measured using (data_source_id, bucket)
     on conflict do nothing`,
      [from, to, now],
      THIN_MS,
    ),
  );
}
