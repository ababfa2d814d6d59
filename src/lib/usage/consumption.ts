// What tenants have used, by hour, day or month; page by page, as the API answers it.
import type pg from 'pg';
import type { Granularity, Period } from './period';

/** What is counted or sampled. */
export interface Consumption {
  statements: number;
  /** Read or changed. */
  rows: number;
  /** To the data source and from it. */
  bytesIn: number;
  bytesOut: number;
  /** Statements under way. */
  querySeconds: number;
  /** Connections held. */
  connectionSeconds: number;
  /** HTTP answers, as sent. */
  egressBytes: number;
  mails: number;
  storageByteHours: number;
  fileByteHours: number;
  backupByteHours: number;
  /** Hours in which the last three were sampled. */
  sampledHours: number;
}

export interface UsedAt extends Consumption {
  tenantId: string;
  /** Id of a data source, or `platform`. */
  place: string;
  startsAt: Date;
}

/** Columns of `usage_buckets` that add up, and what they are called and divided by outside. */
export const COUNTERS = {
  statements: ['statements', 1],
  rows: ['rows', 1],
  bytes_in: ['bytesIn', 1],
  bytes_out: ['bytesOut', 1],
  query_us: ['querySeconds', 1e6],
  connection_us: ['connectionSeconds', 1e6],
  egress_bytes: ['egressBytes', 1],
  mails: ['mails', 1],
  storage_byte_hours: ['storageByteHours', 1],
  file_byte_hours: ['fileByteHours', 1],
  backup_byte_hours: ['backupByteHours', 1],
  sampled_hours: ['sampledHours', 1],
} as const satisfies Record<string, readonly [keyof Consumption, number]>;

const SUMS = Object.entries(COUNTERS)
  .map(([column, [name, divisor]]) => `(sum(${column}) / ${divisor}::float8)::float8 as "${name}"`)
  .join(', ');
const UNITS: Record<Granularity, string> = { hourly: 'hour', daily: 'day', monthly: 'month' };

export interface ConsumptionFilter extends Period {
  granularity: Granularity;
  tenantIds?: readonly string[];
  place?: string | undefined;
}

/** By tenant, place and time, in this order. */
export async function readConsumption(
  pool: Pick<pg.Pool, 'query'>,
  { from, to, granularity, tenantIds, place }: ConsumptionFilter,
): Promise<UsedAt[]> {
  const { rows } = await pool.query<UsedAt & object>(
    `select tenant_id "tenantId", place, date_trunc($1, starts_at, 'UTC') "startsAt", ${SUMS} from usage_buckets
     where starts_at >= $2 and starts_at < $3 and ($4::uuid[] is null or tenant_id = any ($4)) and ($5::text is null or place = $5)
     group by 1, 2, 3 order by 1, 2, 3`,
    [UNITS[granularity], from, to, tenantIds ?? null, place ?? null],
  );
  return rows;
}

export interface ConsumptionPage {
  consumption: UsedAt[];
  /** Where the next page begins; null for the last one. */
  cursor: string | null;
}

/** As `readConsumption`, page by page: `limit` tenants at a time, in the order of their ids. */
export async function readConsumptionPage(
  pool: Pick<pg.Pool, 'query'>,
  { after, limit, ...filter }: ConsumptionFilter & { after?: string | undefined; limit: number },
): Promise<ConsumptionPage> {
  const { rows } = await pool.query<{ id: string }>(
    `select distinct tenant_id id from usage_buckets
     where starts_at >= $1 and starts_at < $2 and ($3::uuid is null or tenant_id > $3) and ($4::uuid[] is null or tenant_id = any ($4))
       and ($5::text is null or place = $5)
     order by 1 limit $6`,
    [filter.from, filter.to, after ?? null, filter.tenantIds ?? null, filter.place ?? null, limit + 1],
  );
  const tenantIds = rows.slice(0, limit).map(({ id }) => id);
  const cursor = rows.length > limit ? (tenantIds.at(-1) ?? null) : null;
  return { consumption: await readConsumption(pool, { ...filter, tenantIds }), cursor };
}

/** How recent the counts are, and how many processes have not added theirs. */
export interface Freshness {
  /** Usage before this time is included in the counts. */
  asOf: Date;
  /** Processes that did not add their counts for more than 15 minutes: killed, or cut off from the operations database. */
  late: number;
}

const LATE = "interval '15 minutes'";

/** How current the counts of usage are. */
export async function readFreshness(pool: Pick<pg.Pool, 'query'>): Promise<Freshness> {
  const { rows } = await pool.query<Freshness & object>(
    `select coalesce(min(flushed_at) filter (where flushed_at > now() - ${LATE}), now()) "asOf",
       count(*) filter (where flushed_at <= now() - ${LATE})::int late from usage_writers`,
  );
  return rows[0] ?? { asOf: new Date(), late: 0 };
}
