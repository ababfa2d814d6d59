// Counts, times and failures of tenants' statements at source and target, recorded by the processes that serve them.
import type pg from 'pg';
import type { ObservedStatement } from '@/lib/data-sources';
import { classify } from '@/lib/failures';
import type { RolloutStore } from './rollout-store';

/** Histogram buckets grow by a fifth, from 0.1 ms to a minute. */
const GROWTH = 1.2;
const SMALLEST_MS = 0.1;
const BUCKETS = 74;

export interface StatementCounts {
  statements: number;
  /** Statements that failed because of the database, see {@link isFault}. */
  faults: number;
  /** Successful statements by bucket of their time. */
  times: number[];
}

export function emptyCounts(): StatementCounts {
  return { statements: 0, faults: 0, times: new Array<number>(BUCKETS).fill(0) };
}

export function bucketOf(ms: number): number {
  const place = Math.ceil(Math.log(Math.max(ms, SMALLEST_MS) / SMALLEST_MS) / Math.log(GROWTH));
  return Math.min(BUCKETS - 1, Math.max(0, place));
}

/** The 95th percentile of the times, ms, rounded up to its bucket. */
export function p95({ times }: StatementCounts): number {
  const wanted = times.reduce((sum, n) => sum + n, 0) * 0.95;
  let seen = 0;
  const place = times.findIndex((n) => {
    seen += n;
    return seen >= wanted;
  });
  return SMALLEST_MS * GROWTH ** Math.max(0, place);
}

/**
 * Whether a failure is the database's: connections, timeouts, missing rights or functions, the server itself. Statements that are
 * refused for their values or by the tenant's rules do not count.
 */
export function isFault(failure: unknown): boolean {
  const { kind, code } = classify(failure);
  if (kind === 'refused' || kind === 'contention') return /^(25|42|54|55|58|XX)/.test(code);
  return kind !== 'aborted' && code !== 'tenant_moving' && code !== 'route_stale';
}

/** Counts statements of the tenants in open rollouts, and stores the counts. */
export class HealthRecorder {
  /** Rollout id by tenant id. */
  #watched = new Map<string, string>();
  #counts = new Map<string, StatementCounts & { tenantId: string; dataSourceId: string }>();

  constructor(
    private readonly rollouts: RolloutStore,
    private readonly pool: pg.Pool,
  ) {}

  watches(tenantId: string): boolean {
    return this.#watched.has(tenantId);
  }

  finished({ tenantId, dataSourceId, tookMs, failure }: ObservedStatement): void {
    if (!this.#watched.has(tenantId)) return;
    const name = `${tenantId} ${dataSourceId}`;
    const counts = this.#counts.get(name) ?? { ...emptyCounts(), tenantId, dataSourceId };
    this.#counts.set(name, counts);
    counts.statements += 1;
    if (failure === undefined) {
      const place = bucketOf(tookMs);
      counts.times[place] = (counts.times[place] ?? 0) + 1;
    } else if (isFault(failure)) counts.faults += 1;
  }

  /** Stores the counts, then reads which tenants are in the current and the next wave. */
  async refresh(): Promise<void> {
    await this.#store();
    const watched = new Map<string, string>();
    for (const { id, wave } of await this.rollouts.list({ open: true })) {
      for (const tenant of await this.rollouts.tenants(id)) {
        if (tenant.wave === wave || tenant.wave === wave + 1) watched.set(tenant.tenantId, id);
      }
    }
    this.#watched = watched;
  }

  async #store(): Promise<void> {
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

/** Counts of each tenant in each data source since the rollout began, by tenant id and data source id. */
export async function countsBySource(
  pool: pg.Pool,
  rolloutId: string,
  tenantIds: readonly string[],
): Promise<Map<string, Map<string, StatementCounts>>> {
  const { rows } = await pool.query<StatementCounts & { tenant: string; source: string }>(
    `select tenant_id as tenant, data_source as source, statements, faults, times from rollout_health
     where rollout_id = $1 and tenant_id = any ($2)`,
    [rolloutId, tenantIds],
  );
  const found = new Map<string, Map<string, StatementCounts>>();
  for (const row of rows) {
    const sources = found.get(row.tenant) ?? new Map<string, StatementCounts>();
    found.set(row.tenant, sources);
    sources.set(row.source, sumCounts([sources.get(row.source) ?? emptyCounts(), row]));
  }
  return found;
}

export function sumCounts(parts: readonly StatementCounts[]): StatementCounts {
  const sum = emptyCounts();
  for (const { statements, faults, times } of parts) {
    sum.statements += statements;
    sum.faults += faults;
    for (const [place, n] of times.entries()) sum.times[place] = (sum.times[place] ?? 0) + n;
  }
  return sum;
}
