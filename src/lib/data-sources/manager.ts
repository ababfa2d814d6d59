import type { Registry } from '@prometheus-io/client';
import { LRUCache } from 'lru-cache';
import { readConfiguration } from '@/lib/configuration';
import type { Statement, TextRow } from '@/lib/postgres';
import type { EngineRequest, EngineResponse } from '@/lib/rest';
import { type ClientOptions, callerOf, callOf, type TenantTransactionOptions, wishOf } from './call-options';
import { type DataSourceManagerDependencies, dependenciesFrom } from './dependencies';
import { DataSourceError } from './errors';
import { registerMetrics } from './metrics';
import { closeParts, openParts, type Parts } from './parts';
import { commandOf, isOnRows } from './pool/session-cleaning';
import { sizeOf } from './routing/call';
import type { Route } from './routing/route';
import { createTenantClient, ORIGIN_HEADER, type TenantClient } from './routing/tenant-client';
import type { SlowStatement } from './sources/postgres/observations';
import { clock } from './sources/postgres/replicas/positions';
import type { StatementObserver } from './sources/postgres/statement-observer';
import { expectAllowed, type TenantTransaction } from './sources/postgres/transaction-client';
import type { ConnectionTarget, ConnectionTestOptions, ConnectionTestResult } from './testing/check';
import { testConnection } from './testing/connection-test';

export type { DataSourceManagerDependencies } from './dependencies';

const DEFAULT_MAX_LAG_MS = 10_000;
/** Tenants whose last write is known. */
const MOST_WRITERS = 10_000;

/**
 * Finds a tenant's data, wherever they live, and gives callers a client that is confined to that tenant.
 *
 * The first use opens it (after a failure the next use tries again); `close` is final.
 */
export class DataSourceManager {
  #parts: Promise<Parts> | undefined;
  #ready: Parts | undefined;
  #closed = false;
  #reportSlow: ((slow: SlowStatement) => void) | undefined;
  #observer: StatementObserver | undefined;
  /** When this process last acknowledged or heard of a write, by tenant. */
  readonly #writes = new LRUCache<string, number>({ max: MOST_WRITERS });

  /** @param open makes the dependencies; called once, when they are first needed */
  constructor(private readonly open: () => Promise<DataSourceManagerDependencies>) {}

  /**
   * A `@supabase/postgrest-js` client for one tenant.
   *
   * Filters, bodies and functions' arguments may name the tenant by the application's id, by its id in the data source, or by one
   * it had in a former data source. Each request is translated for its route.
   *
   * @param useServiceRole true: trusted server code, acting for the whole tenant, still inside its row-level security;
   *   false: the user of `accessToken`, to whom the role matrix applies
   * @throws DataSourceError `tenant_id_invalid`, `tenant_unknown`, `tenant_suspended`, `tenant_provisioning`,
   *   `access_token_required`, `access_token_invalid`. Later failures are in each answer's `error`
   */
  async getClientForTenant(
    tenantId: string,
    useServiceRole = false,
    options: ClientOptions = {},
  ): Promise<TenantClient> {
    const parts = this.#ready ?? (await this.#open());
    const { tenantId: id, engine } = parts.routes.peek(tenantId) ?? (await parts.routes.find(tenantId));
    const caller = callerOf(parts.dependencies, useServiceRole, options);
    if (engine !== 'supabase') await caller.identityIn(id);
    const { readOnly, maxLagMs = DEFAULT_MAX_LAG_MS } = options;
    return createTenantClient(
      parts.router,
      id,
      caller,
      readOnly ? { readOnly, replica: wishOf({ ...options, maxLagMs }) } : {},
    );
  }

  /**
   * Answers one request of PostgREST's grammar as the tenant's client would get it; for servers that speak HTTP themselves. With
   * `maxLagMs` a replica may answer what only reads.
   *
   * @throws DataSourceError as `getClientForTenant`; `tenant_busy`, `data_source_*`, `tenant_moving`, `outcome_unknown`
   */
  async answer(
    tenantId: string,
    request: EngineRequest,
    { useServiceRole, signal, ...options }: ClientOptions & { useServiceRole: boolean; signal?: AbortSignal },
  ): Promise<EngineResponse> {
    const parts = this.#ready ?? (await this.#open());
    const caller = callerOf(parts.dependencies, useServiceRole, options);
    const { readOnly } = options;
    const origin = request.headers[ORIGIN_HEADER];
    const call = { tenantId, caller, signal, origin, readOnly, replica: wishOf(options) };
    return parts.router.answer(call, request);
  }

  /**
   * A token for read-your-own-writes: a read with it sees at least everything committed by now. Request it after the write was
   * acknowledged.
   *
   * @returns undefined if the data source has no such tokens (a Supabase project) or its primary does not answer: then read from the
   *   primary
   * @throws DataSourceError as `route`
   */
  async readToken(tenantId: string): Promise<string | undefined> {
    const parts = this.#ready ?? (await this.#open());
    const route = await this.route(tenantId);
    return (await parts.sources.of(route)).readToken?.(route);
  }

  /**
   * Runs `work` in one transaction in the tenant's context: commits when it resolves, rolls back when it rejects.
   * For trusted server code that needs more than one statement or SQL of its own. If the tenant is being moved, `work`
   * begins (once) when the move is over. Each query is one statement; what it leaves in the session (settings, temporary
   * tables, locks, …) ends with the transaction. Values that are the tenant's id become its id in the database that `work` runs in
   * (`transaction.tenantIdInDataSource`).
   *
   * @throws DataSourceError as `getClientForTenant`, and `tenant_busy`, `data_source_*`, `tenant_moving`,
   *   `transaction_ended`, `transaction_aborted`
   */
  async withTenantTransaction<T>(
    tenantId: string,
    work: (transaction: TenantTransaction) => Promise<T>,
    options: TenantTransactionOptions = {},
  ): Promise<T> {
    const parts = this.#ready ?? (await this.#open());
    const call = callOf(parts.dependencies, tenantId, options);
    return parts.router.request(call, (source, route) => source.transact(route, call, work, options));
  }

  /**
   * Runs one SQL statement in the tenant's context, in one round trip; rows come as PostgreSQL's text. For trusted
   * server code on a hot path; give the statement a `name` and it is prepared. Values that are the tenant's id, alone or in an
   * array, become its id in the data source; ids in the text do not.
   *
   * @throws DataSourceError as `withTenantTransaction`, and `statement_refused` for one that does more than read and write
   *   rows; pg.DatabaseError what the server said
   */
  async execute(
    tenantId: string,
    statement: Statement,
    options: TenantTransactionOptions = {},
  ): Promise<TextRow[]> {
    if (!isOnRows(commandOf(statement.text))) {
      throw new DataSourceError('statement_refused', 'This statement does not read or write rows.', {
        hint: 'Use withTenantTransaction; for COPY, copyOut and copyIn.',
      });
    }
    expectAllowed(statement.text);
    const parts = this.#ready ?? (await this.#open());
    const call = callOf(parts.dependencies, tenantId, options);
    return parts.router.request(
      call,
      (source, route) => source.execute(route, call, statement, options),
      () => sizeOf(statement),
    );
  }

  /** Another process has written for the tenant: reads with `afterWrites` see it. */
  noteWrite(tenantId: string): void {
    this.#writes.set(tenantId, clock());
  }

  /**
   * Where the tenant's data live now, as this process knows it. Warm lookups cost microseconds.
   *
   * @throws DataSourceError `tenant_id_invalid`, `tenant_unknown`, `tenant_suspended`, `tenant_provisioning`, `tenant_unavailable`,
   *   `tenant_unplaced`
   */
  async route(tenantId: string): Promise<Route> {
    const parts = this.#ready ?? (await this.#open());
    return parts.routes.peek(tenantId) ?? parts.routes.find(tenantId);
  }

  /** Checks a data source and reports what is wrong with it. Writes nothing. */
  testConnection(target: ConnectionTarget, options?: ConnectionTestOptions): Promise<ConnectionTestResult> {
    return testConnection(target, options);
  }

  /** Discards the cached route of the tenant, or all cached routes without an argument. */
  async invalidate(tenantId?: string): Promise<void> {
    const parts = this.#ready ?? (await this.#open());
    parts.routes.forget(tenantId);
  }

  /** Registers metrics of pools, waiting and query times, errors, breakers, route lookups and retries. */
  registerMetrics(registry: Registry): void {
    registerMetrics(registry, () => {
      const parts = this.#ready;
      return (
        parts && {
          sources: parts.sources.all(),
          routes: parts.routes.statistics,
          staleRetries: parts.router.staleRetries,
        }
      );
    });
  }

  /** Connections of this process to a data source, and statements that wait for one; undefined before its first use. */
  poolOf(dataSourceId: string): { idle: number; inUse: number; waiting: number } | undefined {
    const sources = [...(this.#ready?.sources.all() ?? [])];
    const pool = sources.find(({ id }) => id === dataSourceId)?.pool;
    if (!pool) return undefined;
    const { idle, inUse, waiting } = pool.statistics;
    return { idle, inUse, waiting };
  }

  /** Circuit breakers of this process that are not closed. */
  openCircuits(): { dataSourceId: string; state: 'open' | 'half-open'; reason: string | undefined }[] {
    return [...(this.#ready?.sources.all() ?? [])].flatMap(({ id, breaker: { state, reason } }) =>
      state === 'closed' ? [] : [{ dataSourceId: id, state, reason }],
    );
  }

  /** Calls `report` for each slow statement, with its tenant and without its values. */
  reportSlowStatements(report: (slow: SlowStatement) => void): void {
    this.#reportSlow = report;
  }

  /** Sets the observer of PostgreSQL statements; without an argument, removes it. */
  observeStatements(observer?: StatementObserver): void {
    this.#observer = observer;
  }

  /** Counts what a tenant used outside of data sources: bytes of answers, mails sent. Nothing where use is not counted. */
  countUsage(
    tenantId: string,
    { egressBytes = 0, mails = 0 }: { egressBytes?: number; mails?: number },
  ): void {
    const use = this.#ready?.meter?.of(tenantId);
    if (!use) return;
    use.egressBytes += egressBytes;
    use.mails += mails;
  }

  /** Writes this process's usage counts to the operations database now instead of within a minute. */
  async flushUsage(): Promise<void> {
    await this.#ready?.usage?.flush();
  }

  /** Waits for statements in flight and closes every connection. Final: the manager cannot be used afterwards. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const parts = await this.#parts?.catch(() => undefined);
    this.#ready = undefined;
    if (parts) await closeParts(parts);
  }

  async #open(): Promise<Parts> {
    if (this.#closed) {
      throw new DataSourceError('manager_closed', 'The data source manager is closed.', {
        hint: 'Make a new one; close is final.',
      });
    }
    this.#parts ??= this.#make().catch((error: unknown) => {
      this.#parts = undefined;
      throw error;
    });
    this.#ready = await this.#parts;
    return this.#ready;
  }

  async #make(): Promise<Parts> {
    return openParts(await this.open(), {
      onSlow: (slow) => this.#reportSlow?.(slow),
      observer: () => this.#observer,
      wrote: (tenantId) => this.noteWrite(tenantId),
      lastWrite: (tenantId) => this.#writes.get(tenantId),
    });
  }
}

/**
 * The manager of this process, opened from the configuration by its first use. It does not keep a program alive that has
 * nothing else to do, even if it was not closed.
 */
export const dataSourceManager = new DataSourceManager(() => dependenciesFrom(readConfiguration()));
process.once('beforeExit', () => void dataSourceManager.close());
