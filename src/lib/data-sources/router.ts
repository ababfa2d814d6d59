// From a tenant's id to work done in its data source, by whatever route holds at that moment.
import type { TextRow, Transaction } from '@/lib/rest/contract';
import { type Asking, ClosedFences } from './closed-fences';
import { DataSourceError, isStaleRoute } from './errors';
import type { TenantTransaction } from './lent-client';
import { PostgresSource } from './postgres-source';
import type { Identity, Route } from './route';
import type { RouteCache } from './route-cache';
import type { Source, Sources } from './sources';

export interface RouterSettings {
  /** How long a statement waits while its tenant's fence is closed for a move, ms. */
  moveWaitMs: number;
  /** Hears of each change of a tenant's data. */
  changed?: (tenantId: string, origin?: string) => void;
}

export interface TransactOptions {
  readOnly?: boolean;
  signal?: AbortSignal;
}

export class Router {
  #staleRetries = 0;
  readonly #closed = new ClosedFences();

  constructor(
    private readonly routes: RouteCache,
    private readonly sources: Sources,
    private readonly settings: RouterSettings,
  ) {}

  /** Statements that met a stale route or a closed fence and were tried again. */
  get staleRetries(): number {
    return this.#staleRetries;
  }

  /** Says that a tenant's route has changed. */
  rerouted(tenantId: string): void {
    this.#closed.askNow(tenantId);
  }

  /** Says that a tenant's data changed. @param origin the screen it came from */
  changed(tenantId: string, origin?: string): void {
    this.settings.changed?.(tenantId, origin);
  }

  /** A transaction of the data engine, in the tenant's context. @param origin the screen it came from */
  run(
    tenantId: string,
    identity: Identity,
    transaction: Transaction,
    signal?: AbortSignal,
    origin?: string,
  ): Promise<TextRow[]> {
    const running = this.#run(tenantId, identity, transaction, signal);
    if (transaction.readOnly) return running;
    return running.then((rows) => {
      this.changed(tenantId, origin);
      return rows;
    });
  }

  #run(
    tenantId: string,
    identity: Identity,
    transaction: Transaction,
    signal?: AbortSignal,
  ): Promise<TextRow[]> {
    const route = this.routes.peek(tenantId);
    const source = route && this.sources.peek(route.dataSourceId);
    const again = (fresh: Route, postgres: PostgresSource) =>
      postgres.run(fresh, identity, transaction, signal);
    // The way of nearly every statement: nothing to look up, nothing to wait for.
    if (source instanceof PostgresSource && !this.#closed.has(tenantId)) {
      return source.run(route as Route, identity, transaction, signal).catch((error: unknown) => {
        if (!isStaleRoute(error)) throw error;
        this.#staleRetries += 1;
        return this.#routed(tenantId, signal, again, undefined, route);
      });
    }
    return this.#routed(tenantId, signal, again);
  }

  /** An interactive transaction in the tenant's context. `work` begins only once the tenant's fence has let us in. */
  async transact<T>(
    tenantId: string,
    identity: Identity,
    work: (transaction: TenantTransaction) => Promise<T>,
    options: TransactOptions,
  ): Promise<T> {
    let entered = false;
    const once = (transaction: TenantTransaction) => {
      entered = true;
      return work(transaction);
    };
    const result = await this.#routed(
      tenantId,
      options.signal,
      (route, source) => source.transact(route, identity, once, options),
      () => !entered,
    );
    if (!options.readOnly) this.changed(tenantId);
    return result;
  }

  /** The tenant's route and source. */
  async resolve(tenantId: string): Promise<{ route: Route; source: Source }> {
    const route = await this.routes.find(tenantId);
    return { route, source: await this.sources.of(route) };
  }

  /**
   * Attempts by the route that holds at the moment. The database may refuse it: a newer one is tried at once; while there
   * is none the tenant is being moved, and one of its statements asks again until the move is over or the wait is.
   *
   * @param refused the route that was refused already
   */
  async #routed<T>(
    tenantId: string,
    signal: AbortSignal | undefined,
    attempt: (route: Route, source: PostgresSource) => Promise<T>,
    mayRetry: () => boolean = () => true,
    refused?: Route,
  ): Promise<T> {
    const until = performance.now() + this.settings.moveWaitMs;
    let last = refused;
    let asking: Asking | undefined;
    try {
      for (;;) {
        const leave = asking ? undefined : await this.#closed.turn(tenantId, until, signal);
        const route = last ? await this.#newer(tenantId, last) : await this.routes.find(tenantId);
        try {
          const attempted = attempt(route, overPostgres(await this.sources.of(route)));
          return await (asking ? asking.watch(attempted) : attempted);
        } catch (error) {
          if (!isStaleRoute(error) || !mayRetry()) throw error;
          if (performance.now() > until) throw moving(tenantId, error);
          this.#staleRetries += 1;
          if (asking?.over) asking = undefined;
          if (route.epoch === last?.epoch) {
            asking ??= this.#closed.close(tenantId);
            await asking?.pause(signal);
          }
          last = route;
        } finally {
          leave?.();
        }
      }
    } finally {
      asking?.end();
    }
  }

  /** Many statements may be refused at once: the first reads the route, the others take what it found. */
  async #newer(tenantId: string, refused: Route): Promise<Route> {
    const known = this.routes.peek(tenantId);
    return known && known !== refused ? known : this.routes.refresh(tenantId);
  }
}

function overPostgres(source: Source): PostgresSource {
  if (source instanceof PostgresSource) return source;
  throw new DataSourceError(
    'data_source_request_refused',
    'A Supabase project takes no SQL, only requests.',
    {
      hint: 'Use getClientForTenant; transactions need a data source reached over PostgreSQL.',
    },
  );
}

function moving(tenantId: string, cause: unknown): DataSourceError {
  return new DataSourceError('tenant_moving', `The tenant ${tenantId} is being moved to another database.`, {
    hint: 'Retry in a moment.',
    retryAfterSeconds: 1,
    cause,
  });
}
