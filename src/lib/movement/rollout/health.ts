// How tenants fare in their old home and in their new one, as the processes that serve them see it.
import type pg from 'pg';
import type { ObservedStatement } from '@/lib/data-sources';
import { classify } from '@/lib/failures';
import type { RolloutStore } from './rollout-store';

/** Buckets of times grow by a fifth: from 0.1 ms to a minute. */
const GROWTH = 1.2;
const SMALLEST_MS = 0.1;
const BUCKETS = 74;

export interface Fared {
  statements: number;
  /** Statements that failed for no reason of their own. */
  faults: number;
  times: number[];
}

export function nothing(): Fared {
  return { statements: 0, faults: 0, times: new Array<number>(BUCKETS).fill(0) };
}

export function bucketOf(ms: number): number {
  const place = Math.ceil(Math.log(Math.max(ms, SMALLEST_MS) / SMALLEST_MS) / Math.log(GROWTH));
  return Math.min(BUCKETS - 1, Math.max(0, place));
}

/** The time below which 95 of 100 statements took, ms, to a fifth of itself. */
export function p95({ times }: Fared): number {
  const wanted = times.reduce((sum, n) => sum + n, 0) * 0.95;
  let seen = 0;
  const place = times.findIndex((n) => {
    seen += n;
    return seen >= wanted;
  });
  return SMALLEST_MS * GROWTH ** Math.max(0, place);
}

/**
 * Whether a failure says something of the home: connections, timeouts, missing rights or functions, the server itself. What a
 * statement's own values or the tenant's rules are refused for says nothing.
 */
export function isFault(failure: unknown): boolean {
  const { kind, code } = classify(failure);
  if (kind === 'refused' || kind === 'contention') return /^(25|42|54|55|58|XX)/.test(code);
  return kind !== 'aborted' && code !== 'tenant_moving' && code !== 'route_stale';
}

/** Counts for the rollouts that are under way, and writes the counts down now and then. */
export class HealthRecorder {
  /** Rollout by tenant. */
  #watched = new Map<string, string>();
  #counts = new Map<string, Fared & { tenantId: string; dataSourceId: string }>();

  constructor(
    private readonly store: RolloutStore,
    private readonly pool: pg.Pool,
  ) {}

  watches(tenantId: string): boolean {
    return this.#watched.has(tenantId);
  }

  finished({ tenantId, dataSourceId, tookMs, failure }: ObservedStatement): void {
    if (!this.#watched.has(tenantId)) return;
    const name = `${tenantId} ${dataSourceId}`;
    const counts = this.#counts.get(name) ?? { ...nothing(), tenantId, dataSourceId };
    this.#counts.set(name, counts);
    counts.statements += 1;
    if (failure === undefined) {
      const place = bucketOf(tookMs);
      counts.times[place] = (counts.times[place] ?? 0) + 1;
    } else if (isFault(failure)) counts.faults += 1;
  }

  /** Writes down what was counted, then takes up the tenants of the present waves and of the next. */
  async look(): Promise<void> {
    await this.#write();
    const watched = new Map<string, string>();
    for (const { id, wave } of await this.store.list({ open: true })) {
      for (const tenant of await this.store.tenants(id)) {
        if (tenant.wave === wave || tenant.wave === wave + 1) watched.set(tenant.tenantId, id);
      }
    }
    this.#watched = watched;
  }

  async #write(): Promise<void> {
    const counts = [...this.#counts.values()];
    this.#counts = new Map();
    for (const { tenantId, dataSourceId, statements, faults, times } of counts) {
      await this.pool.query(
        `insert into rollout_health (rollout_id, tenant_id, data_source, statements, faults, times)
         select id, $2, $3, $4, $5, $6 from rollouts where id = $1`,
        [this.#watched.get(tenantId), tenantId, dataSourceId, statements, faults, times],
      );
    }
  }
}

/** How a tenant has fared in each of the homes since the rollout began. */
export async function faredIn(
  pool: pg.Pool,
  rolloutId: string,
  tenantIds: readonly string[],
): Promise<Map<string, Map<string, Fared>>> {
  const { rows } = await pool.query<Fared & { tenant: string; source: string }>(
    `select tenant_id as tenant, data_source as source, statements, faults, times from rollout_health
     where rollout_id = $1 and tenant_id = any ($2)`,
    [rolloutId, tenantIds],
  );
  const found = new Map<string, Map<string, Fared>>();
  for (const row of rows) {
    const homes = found.get(row.tenant) ?? new Map<string, Fared>();
    found.set(row.tenant, homes);
    homes.set(row.source, together([homes.get(row.source) ?? nothing(), row]));
  }
  return found;
}

export function together(parts: readonly Fared[]): Fared {
  const sum = nothing();
  for (const { statements, faults, times } of parts) {
    sum.statements += statements;
    sum.faults += faults;
    for (const [place, n] of times.entries()) sum.times[place] = (sum.times[place] ?? 0) + n;
  }
  return sum;
}
