// Counts statements in plain numbers, since counters of a metrics library would cost too much for each statement.

/** Upper bounds of the buckets of waiting and query times, seconds. */
export const BUCKETS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
] as const;

/** A histogram: observations in each bucket, their sum and their number. */
export class Distribution {
  readonly counts = new Array<number>(BUCKETS.length + 1).fill(0);
  sum = 0;
  count = 0;

  observe(seconds: number): void {
    let index = 0;
    while (index < BUCKETS.length && seconds > (BUCKETS[index] as number)) index += 1;
    this.counts[index] = (this.counts[index] ?? 0) + 1;
    this.sum += seconds;
    this.count += 1;
  }
}

/** A statement that took longer than `slowMs`, without its values. */
export interface SlowStatement {
  tenantId: string;
  dataSourceId: string;
  /** The statement's text, in which values are parameters. */
  statement: string;
  waitedMs: number;
  tookMs: number;
}

export interface TenantUse {
  statements: number;
  errors: number;
  seconds: number;
}

const TENANTS_COUNTED = 500;
/** The label under which tenants beyond the first 500 are counted together. */
export const OTHER_TENANTS = 'other';

/** Counts of one data source. */
export class Observations {
  readonly waiting = new Distribution();
  readonly taking = new Distribution();
  /** Number of errors by Marquee's code, or by the SQLSTATE's class (its first two characters). */
  readonly errors = new Map<string, number>();
  readonly tenants = new Map<string, TenantUse>();

  statement(tenantId: string, waitedMs: number, tookMs: number): void {
    this.waiting.observe(waitedMs / 1000);
    this.taking.observe(tookMs / 1000);
    const use = this.#ofTenant(tenantId);
    use.statements += 1;
    use.seconds += tookMs / 1000;
  }

  failure(tenantId: string, error: unknown): void {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    const kind = /^[0-9A-Z]{5}$/.test(code) ? code.slice(0, 2) : code;
    this.errors.set(kind, (this.errors.get(kind) ?? 0) + 1);
    this.#ofTenant(tenantId).errors += 1;
  }

  #ofTenant(tenantId: string): TenantUse {
    const known = this.tenants.get(tenantId);
    if (known) return known;
    const key = this.tenants.size < TENANTS_COUNTED ? tenantId : OTHER_TENANTS;
    let use = this.tenants.get(key);
    if (!use) {
      use = { statements: 0, errors: 0, seconds: 0 };
      this.tenants.set(key, use);
    }
    return use;
  }
}
