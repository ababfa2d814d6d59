// How busy the homes are with others' work, so that a copy can stand back. Measured at the databases: other tenants'
// statements run in processes that this one knows nothing of.
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { connectMover, endQuietly } from './mover-connection';

export interface LoadLimits {
  /** Others' statements that run and wait for nothing but the server. Default 8: give twice the server's cores. */
  active?: number;
  /** A probe may take so many times as long as before the copy began. Default 4. */
  latencyRatio?: number;
  /** How much further behind than at the beginning a standby may be, bytes of WAL. Default 64 MiB. */
  standbyLagBytes?: number;
}

interface Measured {
  probe: number;
  active: number;
  standby_lag: number;
}

const EVERY_MS = 250;
/** However busy the homes are, the copy ends. */
const SMALLEST_SHARE = 0.1;
/** Back to full speed from the smallest share takes 11 quiet measurements, 3 s. */
const GROWTH = 1.25;
/** The median of so many measurements counts: one that is late by itself says nothing. */
const RECENT = 5;
const BASELINE_PROBES = 5;
/** A probe that is faster than this before the copy is taken to be this fast, ms: nobody notices less than a few times of it. */
const FASTEST_PROBE_MS = 5;

/**
 * States of other sessions, and standbys, are visible to members of pg_read_all_stats (provisioning makes the mover one,
 * where it may); without, the probe's latency alone is told.
 */
const MEASURE = `select tenancy.probe_ms() as probe,
  (select count(*)::int from pg_stat_activity where state = 'active' and backend_type = 'client backend'
     and application_name not like 'marquee move%' and coalesce(wait_event_type, '') not in ('Client', 'Timeout', 'Lock')) as active,
  (select coalesce(max(pg_wal_lsn_diff(pg_current_wal_lsn(), r.replay_lsn)), 0)::float8 from pg_stat_replication r
     where not exists (select from pg_replication_slots s where s.active_pid = r.pid and s.slot_type = 'logical')) as standby_lag`;

/** Watches one home. */
export class LoadGauge {
  #recent: Measured[] = [];
  #stopped = false;
  #loop: Promise<void> = Promise.resolve();

  private constructor(
    private readonly client: pg.Client,
    private readonly limits: Required<LoadLimits>,
    private readonly before: Pick<Measured, 'probe' | 'standby_lag'>,
  ) {}

  /** Measures the home as it is before the copy, and goes on measuring until it is closed. */
  static async open(
    url: string,
    moveId: string,
    limits: LoadLimits,
    changed: () => void,
  ): Promise<LoadGauge> {
    const { active = 8, latencyRatio = 4, standbyLagBytes = 64 << 20 } = limits;
    const client = await connectMover({ url, moveId });
    try {
      const found: Measured[] = [];
      while (found.length < BASELINE_PROBES) found.push(await measure(client));
      const probe = Math.max(FASTEST_PROBE_MS, median(found.map((one) => one.probe)));
      const gauge = new LoadGauge(
        client,
        { active, latencyRatio, standbyLagBytes },
        { probe, standby_lag: found.at(-1)?.standby_lag ?? 0 },
      );
      gauge.#loop = gauge.#watch(changed);
      return gauge;
    } catch (error) {
      await endQuietly(client);
      throw error;
    }
  }

  /** What is beyond its limit, in words; undefined on a quiet home. */
  get overload(): string | undefined {
    const { active, latencyRatio, standbyLagBytes } = this.limits;
    const busy = this.#median('active');
    if (busy > active) return `${busy} active statements of others`;
    const ratio = this.#median('probe') / this.before.probe;
    if (ratio > latencyRatio) return `a probe takes ${ratio.toFixed(1)} times as long`;
    const lag = this.#median('standby_lag') - this.before.standby_lag;
    return lag > standbyLagBytes
      ? `a standby is ${Math.round(lag / (1 << 20))} MiB further behind`
      : undefined;
  }

  #median(what: keyof Measured): number {
    return median(this.#recent.map((found) => found[what]));
  }

  async close(): Promise<void> {
    this.#stopped = true;
    await this.#loop;
    await endQuietly(this.client);
  }

  async #watch(changed: () => void): Promise<void> {
    while (!this.#stopped) {
      // A home that does not answer is the copy's to notice.
      const found = await measure(this.client).catch(() => undefined);
      if (!found) return;
      this.#recent = [...this.#recent, found].slice(-RECENT);
      changed();
      await sleep(EVERY_MS);
    }
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

/** The part of its time that a copy may work: halved while a home is overloaded, grown again while both are quiet. */
export class Yielding {
  #share = 1;
  #overload: string | undefined;
  readonly #gauges: { name: string; gauge: LoadGauge }[] = [];

  /** @param homes names and movers' URLs; all are watched, since a copy burdens both */
  static async open(
    homes: readonly { name: string; url: string }[],
    moveId: string,
    limits: LoadLimits,
  ): Promise<Yielding> {
    const yielding = new Yielding();
    for (const { name, url } of homes) {
      const gauge: LoadGauge = await LoadGauge.open(url, moveId, limits, () => yielding.#adapt()).catch(
        async (error: unknown) => {
          await yielding.close();
          throw error;
        },
      );
      yielding.#gauges.push({ name, gauge });
    }
    return yielding;
  }

  /** From 0.1 to 1. */
  get share(): number {
    return this.#share;
  }

  /** Why it is not 1. */
  get reason(): string | undefined {
    return this.#overload;
  }

  async close(): Promise<void> {
    await Promise.all(this.#gauges.map(({ gauge }) => gauge.close()));
  }

  #adapt(): void {
    const busy = this.#gauges.find(({ gauge }) => gauge.overload);
    if (busy) {
      this.#share = Math.max(SMALLEST_SHARE, this.#share / 2);
      this.#overload = `${busy.name}: ${busy.gauge.overload}`;
    } else {
      this.#share = Math.min(1, this.#share * GROWTH);
      if (this.#share === 1) this.#overload = undefined;
    }
  }
}
