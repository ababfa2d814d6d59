import type { Registry } from 'prom-client';
import { readConfiguration } from '@/lib/configuration';
import type { EngineRequest, EngineResponse, Statement, TextRow } from '@/lib/rest/contract';
import {
  type ConnectionTarget,
  type ConnectionTestOptions,
  type ConnectionTestResult,
  testConnection,
} from './connection-test';
import { dependenciesFrom } from './dependencies';
import { DataSourceError } from './errors';
import type { TenantTransaction } from './lent-client';
import { registerMetrics } from './metrics';
import type { SlowStatement } from './observations';
import { type Identity, type Route, SERVICE, type TenantDirectory } from './route';
import { RouteCache } from './route-cache';
import { Router, type TransactOptions } from './router';
import { type Budgets, LocalBudgets } from './server-budgets';
import { leavesTraces } from './session-traces';
import { DEFAULT_SOURCE_SETTINGS, type SourceSettings, Sources } from './sources';
import type { StatementObserver } from './statement-observer';
import { type Asker, answerRequest, createTenantClient, type TenantClient } from './tenant-client';

/** What an access token says, once verified. */
export interface VerifiedToken {
  tenantId: string;
  userId: string;
  userRole: string;
}

/** What a manager is made of; `dependenciesFrom` makes it from the configuration. */
export interface DataSourceManagerDependencies {
  directory: TenantDirectory;
  verifyAccessToken(token: string): Promise<VerifiedToken>;
  /** Shares servers' ceilings with other processes; without it this process is taken to be alone. */
  budgets?: Budgets;
  settings?: Partial<SourceSettings> & {
    /** How long a statement waits while its tenant is being moved, ms. Default 10,000. */
    moveWaitMs?: number;
  };
  /** Ends what was opened for the dependencies. */
  close?(): Promise<void>;
}

export interface ClientOptions {
  /** The signed-in user's token; needed where `useServiceRole` is false. */
  accessToken?: string;
}

export interface TenantTransactionOptions extends TransactOptions, ClientOptions {
  /** Default true: trusted server code acts for the whole tenant. False: for the user of `accessToken`. */
  useServiceRole?: boolean;
}

interface Parts {
  dependencies: DataSourceManagerDependencies;
  routes: RouteCache;
  sources: Sources;
  router: Router;
  listener: { close(): Promise<void> };
}

/**
 * Finds any tenant's data, wherever they live, and gives its callers a client that cannot leave that tenant.
 *
 * Opened by its first use (a failure to open is tried again by the next); `close` is final.
 */
export class DataSourceManager {
  #parts: Promise<Parts> | undefined;
  #ready: Parts | undefined;
  #closed = false;
  #reportSlow: ((slow: SlowStatement) => void) | undefined;
  #observer: StatementObserver | undefined;

  /** @param open makes the dependencies; called once, when they are first needed */
  constructor(private readonly open: () => Promise<DataSourceManagerDependencies>) {}

  /**
   * A `@supabase/postgrest-js` client for one tenant.
   *
   * `tenant_id` in filters and bodies may be the application's id or the id in the data source.
   *
   * @param useServiceRole true: trusted server code, acting for the whole tenant, still inside its row-level security;
   *   false: the user of `accessToken`, to whom the role matrix applies
   * @throws DataSourceError `tenant_id_invalid`, `tenant_unknown`, `tenant_suspended`, `tenant_provisioning`,
   *   `access_token_required`, `access_token_invalid`; what happens later is in each answer's `error`
   */
  async getClientForTenant(
    tenantId: string,
    useServiceRole = false,
    options: ClientOptions = {},
  ): Promise<TenantClient> {
    const parts = this.#ready ?? (await this.#open());
    const route = parts.routes.peek(tenantId) ?? (await parts.routes.find(tenantId));
    const identity = await this.#identity(parts, route.tenantId, useServiceRole, options);
    return createTenantClient(parts.router, askerOf(route, identity, options));
  }

  /**
   * Answers one request of PostgREST's grammar as the tenant's client would get it; for servers that speak HTTP themselves.
   *
   * @throws DataSourceError as `getClientForTenant`, and what stands between the request and the database
   */
  async answer(
    tenantId: string,
    request: EngineRequest,
    options: ClientOptions & { useServiceRole: boolean; signal?: AbortSignal },
  ): Promise<EngineResponse> {
    const parts = this.#ready ?? (await this.#open());
    const route = parts.routes.peek(tenantId) ?? (await parts.routes.find(tenantId));
    const identity = await this.#identity(parts, route.tenantId, options.useServiceRole, options);
    return answerRequest(parts.router, askerOf(route, identity, options), request, options.signal);
  }

  /**
   * Runs `work` in one transaction in the tenant's context: commits when it resolves, rolls back when it rejects.
   * For trusted server code that needs more than one statement or SQL of its own. If the tenant is being moved, `work`
   * begins (once) when the move is over. Each query is one statement; what it leaves in the session (settings, temporary
   * tables, locks, …) ends with the transaction.
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
    const identity = await this.#identity(parts, tenantId, options.useServiceRole ?? true, options);
    return parts.router.transact(tenantId, identity, work, options);
  }

  /**
   * Runs one SQL statement in the tenant's context, in one round trip; rows come as PostgreSQL's text. For trusted
   * server code on a hot path; give the statement a `name` and it is prepared.
   *
   * @throws DataSourceError as `withTenantTransaction`, and `statement_refused` for one that does more than read and write
   *   rows; pg.DatabaseError what the server said
   */
  async execute(
    tenantId: string,
    statement: Statement,
    options: TenantTransactionOptions = {},
  ): Promise<TextRow[]> {
    if (leavesTraces(statement.text)) {
      throw new DataSourceError('statement_refused', 'This statement may leave something in its session.', {
        hint: 'Use withTenantTransaction, which cleans up after it; execute is for reading and writing rows.',
      });
    }
    const parts = this.#ready ?? (await this.#open());
    const identity = await this.#identity(parts, tenantId, options.useServiceRole ?? true, options);
    const transaction = { readOnly: options.readOnly ?? false, settings: [], statement };
    return parts.router.run(tenantId, identity, transaction, options.signal);
  }

  /** Where the tenant's data live now, as this process knows it. Warm lookups cost microseconds. */
  async route(tenantId: string): Promise<Route> {
    const parts = this.#ready ?? (await this.#open());
    return parts.routes.peek(tenantId) ?? parts.routes.find(tenantId);
  }

  /** Tries a data source and says what is wrong with it. Writes nothing. */
  testConnection(target: ConnectionTarget, options?: ConnectionTestOptions): Promise<ConnectionTestResult> {
    return testConnection(target, options);
  }

  /** The tenant's route (all routes, without an argument) is read again before it is used again. */
  async invalidate(tenantId?: string): Promise<void> {
    const parts = this.#ready ?? (await this.#open());
    parts.routes.forget(tenantId);
  }

  /** Shows pools, waiting and query times, errors, breakers, route lookups and retries in a registry of prom-client. */
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

  /** Calls `report` for each slow statement, with its tenant and without its values. */
  reportSlowStatements(report: (slow: SlowStatement) => void): void {
    this.#reportSlow = report;
  }

  /** Lets somebody look on while statements over PostgreSQL run; nobody, without an argument. */
  observeStatements(observer?: StatementObserver): void {
    this.#observer = observer;
  }

  /** Waits for what is under way, closes every connection. Final: the manager cannot be used afterwards. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const parts = await this.#parts?.catch(() => undefined);
    this.#ready = undefined;
    if (!parts) return;
    await parts.listener.close();
    await parts.sources.close();
    await parts.dependencies.budgets?.close();
    await parts.dependencies.close?.();
  }

  async #identity(
    parts: Parts,
    tenantId: string,
    useServiceRole: boolean,
    { accessToken }: ClientOptions,
  ): Promise<Identity> {
    if (useServiceRole) return SERVICE;
    const route = parts.routes.peek(tenantId) ?? (await parts.routes.find(tenantId));
    // A Supabase project knows its own users: it verifies their tokens, and the guard keeps them in this tenant.
    if (route.engine === 'supabase') return { role: 'authenticated', userId: '', userRole: '' };
    if (!accessToken) {
      throw new DataSourceError(
        'access_token_required',
        'A client for a user needs the user’s access token.',
        {
          hint: 'Pass {accessToken}, or true as useServiceRole for trusted server code.',
        },
      );
    }
    const token = await parts.dependencies.verifyAccessToken(accessToken).catch((cause: unknown) => {
      throw new DataSourceError('access_token_invalid', 'The access token is not valid or has expired.', {
        hint: 'Sign in again.',
        cause,
      });
    });
    if (token.tenantId !== route.tenantId) {
      throw new DataSourceError('access_token_invalid', 'The access token is for another tenant.', {
        hint: 'Sign in to this tenant.',
      });
    }
    return { role: 'authenticated', userId: token.userId, userRole: token.userRole };
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
    const dependencies = await this.open();
    const { directory, settings } = dependencies;
    const routes = new RouteCache(directory);
    const onSlow = (slow: SlowStatement) => this.#reportSlow?.(slow);
    const observer = () => this.#observer;
    const complete = { ...DEFAULT_SOURCE_SETTINGS, onSlow, observer, ...settings };
    const budgets = dependencies.budgets ?? new LocalBudgets(complete.connectionsPerServer);
    const sources = new Sources(directory, budgets, complete);
    const router = new Router(routes, sources, {
      moveWaitMs: settings?.moveWaitMs ?? 10_000,
      changed: (tenantId, origin) => directory.changed?.(tenantId, origin),
    });
    const listener = await directory.listen((tenantId, epoch) => {
      const known = tenantId ? routes.peek(tenantId) : undefined;
      routes.forget(tenantId, epoch);
      if (tenantId) router.rerouted(tenantId);
      if (known) void sources.reread(known.dataSourceId).catch(() => {});
    });
    return { dependencies, routes, sources, router, listener };
  }
}

function askerOf({ tenantId }: Route, identity: Identity, { accessToken }: ClientOptions): Asker {
  return { tenantId, identity, accessToken };
}

/** The manager of this process, made from the configuration by its first use. */
export const dataSourceManager = new DataSourceManager(() => dependenciesFrom(readConfiguration()));
