// Records each statement: counts, the tenant's usage, a trace, whether it was slow; and shows it to the observer.
import { type Span, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Transaction } from '@/lib/postgres';
import { isStaleRoute } from '../../errors';
import type { Meter } from '../../metering/meter';
import type { Lease } from '../../pool/lease';
import { type Identity, plainClaimsOf, type Route } from '../../routing/route';
import { Observations, type SlowStatement } from './observations';
import type { Sessions } from './sessions';
import type { StatementObserver } from './statement-observer';

const tracer = trace.getTracer('marquee');

export interface StatementLogOptions {
  /** A statement that takes longer, including the time that it waits, is reported to `onSlow`, ms. */
  slowMs: number;
  onSlow?: ((slow: SlowStatement) => void) | undefined;
  /** Counts what tenants use. */
  meter?: Meter | undefined;
  /** The current observer. */
  observer?: (() => StatementObserver | undefined) | undefined;
}

export class StatementLog {
  readonly observed = new Observations();

  constructor(
    private readonly id: string,
    private readonly options: StatementLogOptions,
  ) {}

  /** A statement begins to wait for a session. @returns its span, for the other methods */
  begin(name: string): Span {
    return tracer.startSpan(name);
  }

  /** The statement failed. `finished` or `notLent` is called afterwards. */
  failed({ tenantId }: Route, span: Span, failure: unknown): void {
    this.observed.failure(tenantId, failure);
    // Only the code is recorded, since the server's message may contain values.
    const message = failure instanceof Error && 'code' in failure ? String(failure.code) : 'unknown';
    span.setStatus({ code: SpanStatusCode.ERROR, message });
  }

  /** The statement got no session. */
  notLent(route: Route, span: Span, failure: unknown): void {
    this.failed(route, span, failure);
    span.end();
    this.#show(route, 0, failure);
  }

  /** A statement inside a transaction has ended. @param text its SQL; values in it are not stored */
  ranInside({ tenantId }: Route, text: string, tookMs: number, rows: number): void {
    const { meter } = this.options;
    meter?.statement(meter.of(tenantId, this.id), text, tookMs, rows);
  }

  /**
   * The statement has ended.
   *
   * @param text the statement's text, in which values are parameters
   * @param counted number of rows; undefined for a transaction, whose statements are counted one by one (`ranInside`)
   * @param read the read, if the statement only read
   */
  finished(
    route: Route,
    span: Span,
    lease: Lease,
    text: string,
    counted: { rows: number } | undefined,
    failure: unknown,
    read?: { identity: Identity; transaction: Transaction },
  ): void {
    const { tenantId } = route;
    const { since, waitedMs } = lease;
    const tookMs = performance.now() - since;
    this.observed.statement(tenantId, waitedMs, tookMs);
    // A statement that the fence refuses has not run. It counts at the source where it runs.
    if (!isStaleRoute(failure)) this.#meter(tenantId, lease, text, tookMs, counted);
    if (span.isRecording()) {
      span.setAttributes({
        'db.system.name': 'postgresql',
        'db.query.text': text,
        'marquee.tenant_id': tenantId,
        'marquee.data_source_id': this.id,
        'marquee.waited_ms': waitedMs,
      });
    }
    span.end();
    const { slowMs, onSlow } = this.options;
    if (tookMs + waitedMs >= slowMs) {
      onSlow?.({ tenantId, dataSourceId: this.id, statement: text, waitedMs, tookMs });
    }
    this.#show(route, waitedMs + tookMs, failure, read);
  }

  #meter(
    tenantId: string,
    { connection: { traffic }, received, sent }: Lease,
    text: string,
    tookMs: number,
    counted: { rows: number } | undefined,
  ): void {
    const { meter } = this.options;
    if (!meter) return;
    const use = meter.of(tenantId, this.id);
    use.connectionMs += tookMs;
    use.bytesOut += traffic.received - received;
    use.bytesIn += traffic.sent - sent;
    if (counted) meter.statement(use, text, tookMs, counted.rows);
  }

  #show(
    route: Route,
    tookMs: number,
    failure: unknown,
    read?: { identity: Identity; transaction: Transaction },
  ): void {
    const observer = this.options.observer?.();
    const { tenantId } = route;
    if (!observer?.watches(tenantId)) return;
    const statement = { tenantId, dataSourceId: this.id, tookMs, failure };
    if (!read || failure !== undefined) observer.finished(statement);
    else {
      const claims = plainClaimsOf(route, read.identity);
      observer.finished({ ...statement, read: { ...read.transaction, role: read.identity.role, claims } });
    }
  }
}

/** Waits as `Sessions.lend` does, and logs a refusal. */
export async function waitForSession(
  sessions: Sessions,
  log: StatementLog,
  route: Route,
  span: Span,
  readOnly: boolean,
  signal: AbortSignal | undefined,
): Promise<Lease> {
  try {
    return await sessions.lend(route, readOnly, signal);
  } catch (error) {
    log.notLent(route, span, error);
    throw error;
  }
}
