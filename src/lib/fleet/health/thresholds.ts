// When something is wrong, and how sure the monitor must be. Defaults here; an operator changes them for all sources or for one.
import type pg from 'pg';
import { withTransaction } from '@/lib/operations';
import { HealthError } from './errors';

interface Threshold {
  default: number;
  means: string;
}

const GIB = 1024 ** 3;

export const THRESHOLDS = {
  round_every_ms: {
    default: 3_000,
    means: 'pause between two rounds of probes; longer where one fleet has more than 300 sources',
  },
  confirm_after_ms: { default: 300, means: 'pause after a round that is worse than the state' },
  rounds_to_leave: { default: 3, means: 'rounds in a row that must be worse before the state is' },
  rounds_to_return: { default: 3, means: 'rounds in a row that must be better before the state is' },
  connect_deadline_ms: { default: 1_500, means: 'address, TCP, TLS and sign-in together' },
  query_deadline_ms: { default: 1_500, means: 'each probe of a round' },
  slow_query_deadline_ms: { default: 5_000, means: 'each of the probes that are made less often' },
  connect_slow_ms: { default: 1_000, means: 'degraded where connecting takes longer' },
  round_trip_slow_ms: { default: 500, means: 'degraded where one round trip takes longer' },
  clock_skew_ms: { default: 5_000, means: 'degraded where the clocks differ by more' },
  connections_left: { default: 5, means: 'degraded where fewer are left' },
  transaction_degraded_s: { default: 300, means: 'degraded where a transaction is older' },
  transaction_unhealthy_s: { default: 3_600, means: 'unhealthy where a transaction is older' },
  lock_wait_degraded_s: { default: 10, means: 'degraded where a statement waits longer for a lock' },
  lock_wait_unhealthy_s: { default: 300, means: 'unhealthy where a statement waits longer for a lock' },
  slot_degraded_bytes: { default: GIB, means: 'degraded where a slot retains more WAL' },
  slot_unhealthy_bytes: { default: 10 * GIB, means: 'unhealthy where a slot retains more WAL' },
  standby_lag_bytes: { default: GIB / 4, means: 'degraded where a standby has not replayed more WAL' },
  disk_bytes: {
    default: 0,
    means: 'size of the volume, where Marquee cannot see it; 0 where it is not known',
  },
  disk_degraded_share: { default: 0.8, means: 'degraded where more of the disk is used' },
  disk_unhealthy_share: { default: 0.92, means: 'unhealthy where more of the disk is used' },
  dead_rows_share: {
    default: 0.4,
    means: 'degraded where more rows of a table are dead (of 100,000 and more)',
  },
  wraparound_degraded_age: {
    default: 500_000_000,
    means: 'degraded where the oldest unfrozen transaction id is older',
  },
  wraparound_unhealthy_age: {
    default: 1_200_000_000,
    means: 'unhealthy where it is older; at 2,000 million the server stops',
  },
  certificate_degraded_days: { default: 21, means: 'degraded where the certificate expires sooner' },
  certificate_unhealthy_days: { default: 3, means: 'unhealthy where the certificate expires sooner' },
} as const satisfies Record<string, Threshold>;

export type ThresholdName = keyof typeof THRESHOLDS;
export type Thresholds = Record<ThresholdName, number>;

export const DEFAULT_THRESHOLDS = Object.fromEntries(
  Object.entries(THRESHOLDS).map(([name, threshold]) => [name, threshold.default]),
) as Thresholds;

/** Limits beyond which the monitor would not work. */
const BOUNDS: Partial<Record<ThresholdName, [least: number, most: number]>> = {
  round_every_ms: [100, 3_600_000],
  confirm_after_ms: [0, 60_000],
  rounds_to_leave: [1, 20],
  rounds_to_return: [1, 20],
  connect_deadline_ms: [50, 10_000],
  query_deadline_ms: [50, 10_000],
  slow_query_deadline_ms: [50, 30_000],
};

type Queryable = Pick<pg.ClientBase, 'query'>;

interface Changed {
  data_source_id: string | null;
  name: string;
  value: number;
}

/** Reads what was changed. @returns the thresholds of a source, its own over those for all */
export async function readThresholds(client: Queryable): Promise<(dataSourceId: string) => Thresholds> {
  const { rows } = await client.query<Changed>('select data_source_id, name, value from health_thresholds');
  const valuesOf = (id: string | null) =>
    Object.fromEntries(
      rows
        .filter((row) => row.data_source_id === id && row.name in THRESHOLDS)
        .map(({ name, value }) => [name, value]),
    );
  const forAll = { ...DEFAULT_THRESHOLDS, ...valuesOf(null) };
  return (id) => ({ ...forAll, ...valuesOf(id) });
}

/**
 * Changes one threshold.
 *
 * @param dataSourceId null for all sources
 * @param value null goes back to the default
 * @param expected what is in force: refuse where someone else changed it since
 * @throws HealthError `health_threshold_invalid`, `health_threshold_changed`
 */
export async function setThreshold(
  pool: pg.Pool,
  dataSourceId: string | null,
  name: string,
  value: number | null,
  expected?: number,
): Promise<void> {
  if (!Object.hasOwn(THRESHOLDS, name))
    throw new HealthError('health_threshold_invalid', `There is no threshold ${name.slice(0, 60)}.`);
  const [least, most] = BOUNDS[name as ThresholdName] ?? [0, Number.MAX_SAFE_INTEGER];
  if (value !== null && !(value >= least && value <= most))
    throw new HealthError('health_threshold_invalid', `${name} must be a number from ${least} to ${most}.`);
  await withTransaction(pool, async (client) => {
    // One after the other: a threshold that was not changed yet has no row to lock.
    await client.query('lock table health_thresholds in share row exclusive mode');
    const inForce = (await readThresholds(client))(dataSourceId ?? '')[name as ThresholdName];
    if (expected !== undefined && expected !== inForce)
      throw new HealthError('health_threshold_changed', `Someone else has set ${name} to ${inForce}.`);
    if (value === null)
      await client.query(
        'delete from health_thresholds where data_source_id is not distinct from $1 and name = $2',
        [dataSourceId, name],
      );
    else
      await client.query(
        `insert into health_thresholds (data_source_id, name, value) values ($1, $2, $3)
         on conflict (data_source_id, name) do update set value = excluded.value`,
        [dataSourceId, name, value],
      );
  });
}
