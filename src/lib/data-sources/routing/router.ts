// From a tenant's id to a request answered in its data source, by whatever route holds at that moment.
import { ClosedFences, type Probe, tenantMoving } from '../admission/closed-fences';
import { DEFAULT_LIMITS } from '../admission/pool-config';
import { isStaleRoute, staleRoute } from '../errors';
import type { Source, Sources } from '../sources/sources';
import type { Route } from './route';
import type { RouteCache } from './route-cache';

/** What of a request is done by one route: translating it, choosing the engine and its plans, entering the tenant. */
export type RequestStage = 'routed' | 'identified' | 'translated' | 'entering';

/** The whole of a request, done by one route. It may be called again, with a newer one. */
export type Attempt<T> = (route: Route, source: Source) => Promise<T>;

/** An origin of changes that no screen shows. */
export const SEEN_BY_NONE = 'none';

export interface RouterSettings {
  /** How long a statement waits while its tenant's fence is closed for a move, ms. */
  moveWaitMs: number;
  /** Hears of each change of a tenant's data. */
  changed?: (tenantId: string, origin?: string) => void;
  /** Awaited before each stage of each request: a test's means to change routes between them. */
  atStage?: (stage: RequestStage, route: Route) => Promise<void> | void;
}

export class Router {
  #staleRetries = 0;
  readonly #fences = new ClosedFences();

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
    this.#fences.routeChanged(tenantId);
  }

  /** Says that a tenant's data changed. @param origin the screen it came from, or `SEEN_BY_NONE` */
  changed(tenantId: string, origin?: string): void {
    if (origin !== SEEN_BY_NONE) this.settings.changed?.(tenantId, origin);
  }

  /** Says how far a request has come; undefined where nobody wants to know. */
  get atStage(): RouterSettings['atStage'] {
    return this.settings.atStage;
  }

  /**
   * Attempts a request by the route that holds at the moment. Where the fence refuses the route, before anything ran, the
   * whole request is attempted again by a newer one: at once where there is one. While there is none the tenant is being
   * moved: one of its requests tries again and again, the others wait for it.
   *
   * @throws DataSourceError as `RouteCache.find`, `tenant_moving`; what the attempt throws
   */
  request<T>(tenantId: string, attempt: Attempt<T>, signal?: AbortSignal): Promise<T> {
    const route = this.routes.peek(tenantId);
    const source = route && this.sources.peek(route.dataSourceId);
    // The way of nearly every request: nothing to look up, nothing to wait for.
    if (route && source && !this.#fences.has(route.tenantId)) {
      return attempt(route, source).catch((error: unknown) => {
        if (!isStaleRoute(error)) throw error;
        this.#staleRetries += 1;
        return this.#repeat(route.tenantId, attempt, signal, route);
      });
    }
    return this.#find(tenantId, attempt, signal);
  }

  /**
   * For an answer that no fence has confirmed: nothing was asked of the tenant's database, or it keeps no fence.
   *
   * @throws DataSourceError `route_stale` where the tenant lives elsewhere by now
   */
  async expectHolds(route: Route): Promise<void> {
    if (!(await this.routes.holds(route))) throw staleRoute(route.tenantId);
  }

  async #find<T>(tenantId: string, attempt: Attempt<T>, signal: AbortSignal | undefined): Promise<T> {
    const route = await this.routes.find(tenantId);
    return this.#repeat(route.tenantId, attempt, signal);
  }

  /** @param refused the route that was refused already */
  async #repeat<T>(
    tenantId: string,
    attempt: Attempt<T>,
    signal: AbortSignal | undefined,
    refused?: Route,
  ): Promise<T> {
    const until = performance.now() + this.settings.moveWaitMs;
    let last = refused;
    let probe: Probe | undefined;
    try {
      for (;;) {
        const { queue } = last?.limits ?? DEFAULT_LIMITS;
        probe ??= await this.#fences.wait(tenantId, { until, queue, signal });
        let route: Route | undefined;
        try {
          route = last ? await this.#newer(tenantId, last) : await this.routes.find(tenantId);
          const { dataSourceId } = route;
          const attempted = attempt(route, await this.sources.of(route));
          return await (probe ? probe.watch(attempted, () => this.sources.cool(dataSourceId)) : attempted);
        } catch (error) {
          if (!isStaleRoute(error)) throw error;
          if (performance.now() > until) throw tenantMoving(tenantId, error);
          this.#staleRetries += 1;
          if (probe?.ended) probe = undefined;
          if (route?.epoch === last?.epoch) {
            probe ??= this.#fences.close(tenantId);
            await probe?.pause(signal);
          }
          last = route;
        }
      }
    } finally {
      probe?.end();
    }
  }

  /** Many statements may be refused at once: the first reads the route, the others take what it found. */
  async #newer(tenantId: string, refused: Route): Promise<Route> {
    const known = this.routes.peek(tenantId);
    return known && known !== refused ? known : this.routes.refresh(tenantId);
  }
}
