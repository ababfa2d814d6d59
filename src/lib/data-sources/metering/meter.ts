// Counts in memory what tenants use, by tenant and data source. A statement counts in the hour in which it ends.
import { PLATFORM, type StatementDelta, type UsageDelta } from '@/lib/operations';
import { type StatementShape, shapeOf } from './statement-shape';

/** Counters of one tenant at one place within one hour. Callers add to them directly. */
export class Use {
  statements = 0;
  rows = 0;
  bytesIn = 0;
  bytesOut = 0;
  queryMs = 0;
  connectionMs = 0;
  egressBytes = 0;
  mails = 0;
  readonly shapes = new Map<StatementShape, ShapeUse>();
}

interface ShapeUse {
  calls: number;
  queryMs: number;
  rows: number;
}

const HOUR_MS = 3_600_000;
/** Maximum number of `Use` objects in memory. Above it no new hour is begun: its use counts in the last hour. */
const MOST_COUNTERS = 100_000;
/** Maximum number of shapes that are counted separately, of one tenant in one hour and in total. Further statements are counted together. */
const MOST_SHAPES_OF_TENANT = 200;
const MOST_SHAPES = 20_000;
const OTHERS: StatementShape = { fingerprint: 'other', text: 'other statements' };

export class Meter {
  /** The counters of the hour at `#startsAt`, by place and tenant. */
  #places = new Map<string, Map<string, Use>>();
  #startsAt = 0;
  #endsAt = 0;
  /** The counters of hours that are over. */
  #ended: { startsAt: number; places: Map<string, Map<string, Use>> }[] = [];
  #counters = 0;
  #shapes = 0;

  /** @param now ms since 1970 */
  constructor(private readonly now: () => number = Date.now) {}

  /** The counters of a tenant at a place in the current hour. Do not keep them: each flush replaces them. */
  of(tenantId: string, place: string = PLATFORM): Use {
    const at = this.now();
    if (at >= this.#endsAt || at < this.#startsAt) this.#begin(at);
    let tenants = this.#places.get(place);
    if (!tenants) {
      tenants = new Map();
      this.#places.set(place, tenants);
    }
    let use = tenants.get(tenantId);
    if (!use) {
      use = new Use();
      tenants.set(tenantId, use);
      this.#counters += 1;
    }
    return use;
  }

  /**
   * Counts one statement.
   *
   * @param text its SQL, or a text that stands for it; values in it are not stored
   */
  statement(use: Use, text: string, tookMs: number, rows: number): void {
    use.statements += 1;
    use.rows += rows;
    use.queryMs += tookMs;
    const wanted = shapeOf(text);
    let shape = use.shapes.get(wanted);
    if (!shape) {
      const isTooMany = use.shapes.size >= MOST_SHAPES_OF_TENANT || this.#shapes >= MOST_SHAPES;
      const kept = isTooMany ? OTHERS : wanted;
      shape = use.shapes.get(kept);
      if (!shape) {
        shape = { calls: 0, queryMs: 0, rows: 0 };
        use.shapes.set(kept, shape);
        this.#shapes += 1;
      }
    }
    shape.calls += 1;
    shape.queryMs += tookMs;
    shape.rows += rows;
  }

  /** Returns the counts so far and starts again from zero. */
  take(): { usage: UsageDelta[]; statements: StatementDelta[] } {
    const hours = [...this.#ended, { startsAt: this.#startsAt, places: this.#places }];
    this.#ended = [];
    this.#places = new Map();
    this.#counters = 0;
    this.#shapes = 0;
    const usage: UsageDelta[] = [];
    const statements: StatementDelta[] = [];
    for (const { startsAt, places } of hours) {
      const hour = new Date(startsAt);
      for (const [place, tenants] of places) {
        for (const [tenantId, use] of tenants) {
          const key = { tenantId, place, hour };
          usage.push({ ...key, ...deltaOf(use) });
          for (const [shape, spent] of use.shapes) statements.push({ ...key, ...statementOf(shape, spent) });
        }
      }
    }
    return { usage, statements };
  }

  #begin(at: number): void {
    if (this.#counters >= MOST_COUNTERS) return;
    if (this.#places.size > 0) this.#ended.push({ startsAt: this.#startsAt, places: this.#places });
    this.#places = new Map();
    this.#startsAt = Math.floor(at / HOUR_MS) * HOUR_MS;
    this.#endsAt = this.#startsAt + HOUR_MS;
  }
}

function deltaOf(use: Use): Omit<UsageDelta, 'tenantId' | 'place' | 'hour'> {
  const { shapes: _, queryMs, connectionMs, ...counted } = use;
  return { ...counted, queryUs: Math.round(queryMs * 1000), connectionUs: Math.round(connectionMs * 1000) };
}

function statementOf({ fingerprint, text }: StatementShape, { calls, queryMs, rows }: ShapeUse) {
  return { fingerprint, statement: text, calls, queryUs: Math.round(queryMs * 1000), rows };
}
