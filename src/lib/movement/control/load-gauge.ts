// Measures how busy a database is with the work of other sessions. This is measured at the database, because other tenants' statements come
// from processes that this one does not know.

import type pg from 'pg';
import { endQuietly } from '@/lib/tenant-data/rows';
import { pause } from '@/lib/time';
import { connectMover } from './mover-connection';
import { waitText } from './wait-words';

/** Limits of a database's load. While one is exceeded, a copy slows down. */
export interface LoadLimits {
  /** Number of other sessions' statements that are running and do not wait for locks or clients. Default 8; twice the server's cores is a good value. */
  active?: number;
  /** Maximum ratio of a probe's time to its time before the copy. Default 1.5 while others use the database, else 4. */
  latencyRatio?: number;
  /** Maximum growth of a standby's lag since before the copy, bytes of WAL. Default 64 MiB. */
  standbyLagBytes?: number;
}

export interface Measured {
  /** When it was measured, ms. */
  at: number;
  probe: number;
  active: number;
  standby_lag: number;
  /** Transactions of the database so far. */
  transactions: number;
}

const EVERY_MS = 250;
/** Number of measurements whose median is used, so that a single slow one has no effect. */
const RECENT = 5;
const BASELINE_PROBES = 5;
/** If others use the database, the copy yields as soon as a probe is slow. If the copy is alone, it yields only before the server is overloaded. */
const LATENCY_RATIO = { others: 1.5, alone: 4 };
/** A probe that took less before the copy counts as this time, ms, since a multiple of less is not noticeable. */
const FASTEST_PROBE_MS = { others: 2, alone: 5 };
/** More transactions a second than this cannot be the move's own. */
const OTHERS_PER_SECOND = 20;

/**
 * Members of pg_read_all_stats see other sessions' states and standbys; provisioning grants it to the mover where it may.
 * Without it only the probe's latency is measured.
 */
const MEASURE = `select extract(epoch from clock_timestamp())::float8 * 1000 as at, tenancy.probe_ms() as probe,
  (select (xact_commit + xact_rollback)::float8 from pg_stat_database where datname = current_database()) as transactions,
  (select count(*)::int from pg_stat_activity where state = 'active' and backend_type = 'client backend'
     and application_name not like 'marquee move%' and coalesce(wait_event_type, '') not in ('Client', 'Timeout', 'Lock')) as active,
  (select coalesce(max(pg_wal_lsn_diff(pg_current_wal_lsn(), r.replay_lsn)), 0)::float8 from pg_stat_replication r
     where not exists (select from pg_replication_slots s where s.active_pid = r.pid and s.slot_type = 'logical')) as standby_lag`;

class LoadGauge {
  #recent: Measured[] = [];
  readonly #closing = new AbortController();
  #loop: Promise<void> = Promise.resolve();

  private constructor(
    private readonly client: pg.Client,
    private readonly limits: LoadLimits,
    private readonly before: Pick<Measured, 'probe' | 'standby_lag'>,
  ) {}

  /** Measures the database before the copy, then every 250 ms until closed. */
  static async open(
    url: string,
    moveId: string,
    limits: LoadLimits,
    measured: () => void,
  ): Promise<LoadGauge> {
    const client = await connectMover({ url, moveId });
    try {
      const found: Measured[] = [];
      while (found.length < BASELINE_PROBES) found.push(await measure(client));
      const probe = median(found.map((one) => one.probe));
      const before = { probe, standby_lag: found.at(-1)?.standby_lag ?? 0 };
      const gauge = new LoadGauge(client, limits, before);
      gauge.#loop = gauge.#watch(measured);
      return gauge;
    } catch (error) {
      await endQuietly(client);
      throw error;
    }
  }

  get overload(): Overload | undefined {
    return overloadOf(this.#recent, this.before, this.limits);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#loop;
    await endQuietly(this.client);
  }

  async #watch(measured: () => void): Promise<void> {
    for (;;) {
      // The pause comes first, because the copy begins only now and its effect on others is to be measured.
      await pause(EVERY_MS, { signal: this.#closing.signal });
      if (this.#closing.signal.aborted) return;
      // If the database does not answer, the copy fails by itself.
      const found = await measure(this.client).catch(() => undefined);
      if (!found) return;
      this.#recent = [...this.#recent, found].slice(-RECENT);
      measured();
    }
  }
}

/** The limit that is exceeded, as a code and values for `waitText`. */
type Overload = [code: 'statements' | 'probe' | 'standby', values: Record<string, string | number>];

/** @returns undefined if no limit is exceeded */
export function overloadOf(
  recent: readonly Measured[],
  before: Pick<Measured, 'probe' | 'standby_lag'>,
  limits: LoadLimits,
): Overload | undefined {
  const of = (what: keyof Measured) => median(recent.map((found) => found[what]));
  const { active = 8, standbyLagBytes = 64 << 20 } = limits;
  if (of('active') > active) return ['statements', { count: of('active') }];
  const kind = othersWork(recent) ? 'others' : 'alone';
  const ratio = of('probe') / Math.max(FASTEST_PROBE_MS[kind], before.probe);
  if (ratio > (limits.latencyRatio ?? LATENCY_RATIO[kind])) {
    return ['probe', { ratio: ratio.toFixed(1) }];
  }
  const lag = of('standby_lag') - before.standby_lag;
  return lag > standbyLagBytes ? ['standby', { size: Math.round(lag / (1 << 20)) }] : undefined;
}

function othersWork(recent: readonly Measured[]): boolean {
  const [first, last] = [recent[0], recent.at(-1)];
  if (!first || !last || last.at <= first.at) return false;
  return ((last.transactions - first.transactions) * 1000) / (last.at - first.at) > OTHERS_PER_SECOND;
}

/**
 * Watches databases until the returned function is called.
 *
 * @param endpoints names and URLs of the mover's login
 * @param onMeasured called after each measurement with the first exceeded limit, in words, or undefined
 */
export async function watchLoad(
  endpoints: readonly { name: string; url: string }[],
  moveId: string,
  limits: LoadLimits,
  onMeasured: (overload: string | undefined) => void,
): Promise<() => Promise<void>> {
  const gauges: { name: string; gauge: LoadGauge }[] = [];
  const close = async () => {
    await Promise.all(gauges.map(({ gauge }) => gauge.close()));
  };
  const measured = () => {
    for (const { name, gauge } of gauges) {
      const { overload } = gauge;
      if (!overload) continue;
      const [code, values] = overload;
      onMeasured(waitText(code, { source: name, ...values }));
      return;
    }
    onMeasured(undefined);
  };
  try {
    for (const { name, url } of endpoints) {
      gauges.push({ name, gauge: await LoadGauge.open(url, moveId, limits, measured) });
    }
    return close;
  } catch (error) {
    await close();
    throw error;
  }
}

async function measure(client: pg.Client): Promise<Measured> {
  const { rows } = await client.query<Measured>(MEASURE);
  return rows[0] as Measured;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
