// One tenant data database reached over PostgreSQL's protocol: every statement in the tenant's context.
import { type Span, SpanStatusCode, trace } from '@opentelemetry/api';
import pg from 'pg';
import type { Statement, TextRow, Transaction } from '@/lib/postgres';
import { limitAnswers, localSettings, runPipeline, runTransaction } from '@/lib/postgres';
import { ROUTER_LIMITS, sealKeyOf } from '@/lib/tenant-data';
import { CircuitBreaker } from '../../admission/circuit-breaker';
import type { ConnectionBudget } from '../../admission/connection-budget';
import { DEFAULT_LIMITS } from '../../admission/pool-config';
import {
  connectionError,
  DataSourceError,
  isConnectionGone,
  isNotSent,
  outcomeUnknown,
  refusedByFence,
} from '../../errors';
import { connect, isPooled } from '../../pool/connect';
import { ConnectionPool } from '../../pool/connection-pool';
import type { Deadlines } from '../../pool/deadlines';
import type { Lease } from '../../pool/lease';
import {
  afterRows,
  CLEAN_AND_COMMIT,
  CLEAN_SESSION,
  COMMIT_CLEAN,
  ENTER,
  ROLLBACK_CLEAN,
} from '../../pool/session-cleaning';
import {
  claimsOf,
  type DatabaseRole,
  databaseRoleOf,
  type Identity,
  plainClaimsOf,
  type Route,
} from '../../routing/route';
import { LentClient, type TenantTransaction } from './lent-client';
import { Observations, type SlowStatement } from './observations';
import { SourceEngines } from './source-engines';
import type { StatementObserver } from './statement-observer';

const tracer = trace.getTracer('marquee');

const BEGIN: Statement = { text: 'begin isolation level read committed read write', values: [] };

/** A transaction of the data engine, or one statement on rows of a developer's own. */
export interface TenantStatement extends Transaction {
  /** SQL that the data engine did not make: the session is cleaned after it. */
  developers?: boolean;
}

export interface PostgresSourceOptions {
  /** The registry's id. */
  id: string;
  /** URL of the router's login. */
  url: string;
  /** The URL in force, by way of a tenant that lives there: read when the server refuses the login we know. */
  readUrl: (tenantId: string) => Promise<string>;
  budget: ConnectionBudget;
  deadlines: Deadlines;
  connectTimeoutMs: number;
  /** A statement that waits and runs longer is reported to `onSlow`, ms. */
  slowMs: number;
  onSlow?: (slow: SlowStatement) => void;
  /** Who looks on at the moment. */
  observer?: () => StatementObserver | undefined;
}

export class PostgresSource {
  readonly id: string;
  readonly pool: ConnectionPool;
  readonly breaker: CircuitBreaker;
  readonly observed = new Observations();
  /** The data engine over this database's schema. */
  readonly engines: SourceEngines;
  #url: string;
  #sealKey: Buffer | undefined;
  #lastTenant = '';

  constructor(private readonly options: PostgresSourceOptions) {
    this.id = options.id;
    this.#url = options.url;
    this.#sealKey = sealKeyOf(options.url);
    this.breaker = new CircuitBreaker(options.id);
    const { budget, deadlines } = options;
    this.pool = new ConnectionPool({
      name: options.id,
      budget,
      breaker: this.breaker,
      deadlines,
      connect: () => this.#connect(),
    });
    this.engines = new SourceEngines((role) => (transaction) => this.#runAs(role, transaction));
  }

  /**
   * Runs a statement for a tenant: one flush with its context. A read whose kept connection turns out to be gone is run once
   * more on a new one; a write is not, since it may have been done.
   *
   * @throws DataSourceError `outcome_unknown` for a write whose answer was lost
   */
  async run(
    route: Route,
    identity: Identity,
    transaction: TenantStatement,
    signal?: AbortSignal,
  ): Promise<TextRow[]> {
    try {
      return await this.#run(route, identity, transaction, signal);
    } catch (error) {
      if (!transaction.readOnly || !this.#isGone(error)) throw error;
      this.pool.renew();
      return this.#run(route, identity, transaction, signal);
    }
  }

  async #run(
    route: Route,
    identity: Identity,
    transaction: TenantStatement,
    signal: AbortSignal | undefined,
  ): Promise<TextRow[]> {
    const span = tracer.startSpan('tenant statement');
    const lease = await this.#lease(route, span, signal);
    lease.limit(route.limits.statementTimeoutMs, lease.since);
    const named = forRole(transaction, identity);
    const { readOnly, developers = false } = transaction;
    const pooled = isPooled(lease.client);
    // What fails behind a pooler must be cleaned up before the transaction's end gives the session to others.
    const explicit = developers && pooled;
    const enter = this.#enter(route, identity, readOnly);
    let failure: unknown;
    try {
      return await runTransaction(lease.client, named, explicit ? [BEGIN, enter] : [enter], {
        after: developers
          ? pooled
            ? CLEAN_AND_COMMIT
            : afterRows(transaction.statement.text, readOnly)
          : [],
        prepare: !explicit && (route.limits.prepare ?? !pooled),
        contextSetsReadOnly: true,
        signal,
        control: lease,
      });
    } catch (error) {
      if (isConnectionGone(error)) lease.broken = true;
      const refused = refusedByFence(route.tenantId, error);
      failure = refused ?? this.#failure(error, lease, readOnly);
      // A rollback undoes what was set, but not locks of the session.
      if (!lease.broken && (explicit || (developers && !refused))) {
        lease.broken = !(await answers(lease, explicit ? ROLLBACK_CLEAN : CLEAN_SESSION));
      }
      this.#failed(route, span, failure);
      throw failure;
    } finally {
      this.#observe(route, lease, span, transaction.statement.text);
      this.#tell(route, lease, failure, readOnly ? { identity, transaction: named } : undefined);
      lease.release();
    }
  }

  /**
   * Runs `work` in one interactive transaction in the tenant's context; commits when it resolves, rolls back when it
   * rejects.
   */
  async transact<T>(
    route: Route,
    identity: Identity,
    work: (transaction: TenantTransaction) => Promise<T>,
    options: { readOnly?: boolean; signal?: AbortSignal } = {},
  ): Promise<T> {
    let begun = false;
    const once = () => {
      begun = true;
    };
    try {
      return await this.#transact(route, identity, work, options, once);
    } catch (error) {
      // A kept connection was gone before anything was done on it: a new one will serve.
      if (begun || !this.#isGone(error)) throw error;
      this.pool.renew();
      return this.#transact(route, identity, work, options, once);
    }
  }

  /** A connection that the server ended, not a server that cannot be reached. */
  #isGone(error: unknown): boolean {
    return (
      error instanceof DataSourceError &&
      (error.code === 'data_source_shutting_down' || error.code === 'data_source_connection_lost')
    );
  }

  async #transact<T>(
    route: Route,
    identity: Identity,
    work: (transaction: TenantTransaction) => Promise<T>,
    options: { readOnly?: boolean; signal?: AbortSignal },
    begin: () => void,
  ): Promise<T> {
    const span = tracer.startSpan('tenant transaction');
    const lease = await this.#lease(route, span, options.signal);
    const { client } = lease;
    const { limits } = route;
    let broken = true;
    let failure: unknown;
    lease.limitFromServer(limits.statementTimeoutMs);
    try {
      await runPipeline(
        client,
        [
          BEGIN,
          this.#enter(route, identity, options.readOnly ?? false),
          {
            text: "select set_config('statement_timeout', $1, true), set_config('idle_in_transaction_session_timeout', $2, true)",
            values: [limits.statementTimeoutMs, limits.idleInTransactionTimeoutMs],
          },
        ],
        { prepare: false },
      ).catch(async (error: unknown) => {
        broken = !(await answers(lease, 'rollback'));
        throw refusedByFence(route.tenantId, error) ?? error;
      });
      const transaction = new LentClient(lease, route, options.signal);
      let result: T;
      try {
        begin();
        result = await lease.whileConnected(() => work(transaction));
        transaction.expectOpen();
        await transaction.end(false);
        await this.#commit(lease, limits.statementTimeoutMs);
      } catch (error) {
        await transaction.end(true);
        broken = !(await answers(lease, ROLLBACK_CLEAN)) || !transaction.sessionUsable;
        throw error;
      }
      broken = !transaction.sessionUsable;
      return result;
    } catch (error) {
      options.signal?.throwIfAborted();
      failure = connectionError(this.id, error, true) ?? error;
      this.#failed(route, span, failure);
      throw failure;
    } finally {
      this.#observe(route, lease, span, 'transaction');
      this.#tell(route, lease, failure);
      lease.release(broken);
    }
  }

  async #commit(lease: Lease, timeoutMs: number): Promise<void> {
    lease.limitFromServer(timeoutMs);
    try {
      await lease.client.query(COMMIT_CLEAN);
    } catch (error) {
      if (error instanceof pg.DatabaseError && error.code === '25P02') throw aborted();
      if (!isConnectionGone(error)) throw error;
      throw outcomeUnknown(this.id, error);
    }
  }

  /** The address or the login may have changed: connections to another address are used no further. */
  async reread(): Promise<void> {
    if (!this.#lastTenant) return;
    const url = await this.options.readUrl(this.#lastTenant);
    if (url === this.#url) return;
    this.#use(url);
    this.pool.renew();
  }

  #observe({ tenantId }: Route, { since, waitedMs }: Lease, span: Span, statement: string): void {
    const tookMs = performance.now() - since;
    this.observed.statement(tenantId, waitedMs, tookMs);
    if (span.isRecording()) {
      span.setAttributes({
        'db.system.name': 'postgresql',
        'db.query.text': statement,
        'marquee.tenant_id': tenantId,
        'marquee.data_source_id': this.id,
        'marquee.waited_ms': waitedMs,
      });
    }
    span.end();
    const { slowMs, onSlow } = this.options;
    if (tookMs + waitedMs >= slowMs) {
      onSlow?.({ tenantId, dataSourceId: this.id, statement, waitedMs, tookMs });
    }
  }

  /** Whoever looks on, when this tenant is watched. */
  #tell(
    route: Route,
    lease: Pick<Lease, 'since' | 'waitedMs'> | undefined,
    failure: unknown,
    read?: { identity: Identity; transaction: Transaction },
  ): void {
    const observer = this.options.observer?.();
    if (!observer?.watches(route.tenantId)) return;
    const { tenantId } = route;
    const tookMs = lease ? lease.waitedMs + performance.now() - lease.since : 0;
    observer.finished({
      ...{ tenantId, dataSourceId: this.id, tookMs, failure },
      ...(read && failure === undefined
        ? {
            read: {
              ...read.transaction,
              role: read.identity.role,
              claims: plainClaimsOf(route, read.identity),
            },
          }
        : {}),
    });
  }

  #failed({ tenantId }: Route, span: Span, failure: unknown): void {
    this.observed.failure(tenantId, failure);
    // The code only: what the server says may repeat values.
    const message = failure instanceof Error && 'code' in failure ? String(failure.code) : 'unknown';
    span.setStatus({ code: SpanStatusCode.ERROR, message });
  }

  /** A statement of the source's own, such as reading the catalogs: as a role, for no tenant. */
  async #runAs(role: DatabaseRole, transaction: Transaction): Promise<TextRow[]> {
    const lease = await this.pool.acquire('', DEFAULT_LIMITS);
    lease.limit(DEFAULT_LIMITS.statementTimeoutMs);
    limitAnswers(lease.client, DEFAULT_LIMITS);
    try {
      const context = [localSettings([['role', role]])];
      return await runTransaction(lease.client, transaction, context, { prepare: false, control: lease });
    } catch (error) {
      if (isConnectionGone(error)) lease.broken = true;
      throw this.#failure(error, lease);
    } finally {
      lease.release();
    }
  }

  async #lease(route: Route, span: Span, signal?: AbortSignal): Promise<Lease> {
    this.#lastTenant = route.tenantId;
    const { tenantId, limits } = route;
    try {
      const lease =
        this.pool.tryAcquire(tenantId, limits) ?? (await this.pool.acquire(tenantId, limits, signal));
      limitAnswers(lease.client, limits);
      return lease;
    } catch (error) {
      this.#failed(route, span, error);
      this.#tell(route, undefined, error);
      span.end();
      throw error;
    }
  }

  /** A password refused may have been rotated: the URL is read again, and the sign-in tried once more. */
  async #connect(): Promise<pg.Client> {
    this.breaker.admit();
    try {
      const client = await this.#open().catch(async (error: unknown) => {
        if (!(error instanceof DataSourceError) || error.code !== 'data_source_authentication_refused')
          throw error;
        const url = await this.options.readUrl(this.#lastTenant);
        if (url === this.#url) throw error;
        this.#use(url);
        return this.#open();
      });
      this.breaker.succeeded();
      return client;
    } catch (error) {
      this.breaker.failed(error);
      throw error;
    }
  }

  #use(url: string): void {
    this.#url = url;
    this.#sealKey = sealKeyOf(url);
  }

  #open(): Promise<pg.Client> {
    const { connectTimeoutMs: timeoutMs } = this.options;
    return connect({ url: this.#url, name: this.id, timeoutMs, settings: ROUTER_LIMITS });
  }

  /** The server's own word that a statement failed is a rollback; without it, a write may have been done. */
  #failure(error: unknown, lease: Lease, readOnly = true): unknown {
    if (lease.timedOut && lease.broken) this.breaker.failed(lease.timedOut);
    const lost = lease.broken && !(error instanceof pg.DatabaseError) && !isNotSent(error);
    const failure = lease.timedOut ?? connectionError(this.id, error, true) ?? error;
    // Cut off by us: asking for less is what helps, whatever the statement did.
    if (failure instanceof DataSourceError && failure.code === 'result_too_large') return failure;
    if (!readOnly && (lost || (lease.timedOut && lease.wasDone)))
      return outcomeUnknown(this.id, lease.timedOut ?? error);
    return failure;
  }

  /** `tenancy.enter` takes the tenant's shared lock, checks the fence, then sets role and claims for this transaction. */
  #enter(route: Route, identity: Identity, readOnly: boolean): Statement {
    const claims = claimsOf(route, identity, this.#sealKey);
    return {
      name: 'marquee_enter',
      text: ENTER,
      values: [route.tenantIdInDataSource, route.epoch, identity.role, claims, readOnly],
    };
  }

  close(): Promise<void> {
    return this.pool.close();
  }
}

/** A plan is made for a role, since policies are part of it: under another role's name it would be made anew each time. */
function forRole(transaction: Transaction, identity: Identity): Transaction {
  const { statement } = transaction;
  if (identity.role === 'tenant_service' || !statement.name) return transaction;
  const suffix = databaseRoleOf(identity) === 'authenticated' ? 'a' : 'm';
  return { ...transaction, statement: { ...statement, name: `${statement.name}:${suffix}` } };
}

/** Whether the server does at once what it is asked to; one that does not answer is not waited for. */
async function answers(lease: Lease, text: string): Promise<boolean> {
  lease.limitFromServer(0);
  try {
    await lease.client.query(text);
    return true;
  } catch {
    return false;
  }
}

function aborted(): DataSourceError {
  return new DataSourceError('transaction_aborted', 'A statement failed, and with it the transaction.', {
    hint: 'Let the error reach withTenantTransaction, or set a savepoint before what may fail.',
  });
}
