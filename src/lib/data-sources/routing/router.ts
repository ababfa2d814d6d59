// From a call to its answer, by whatever route holds at that moment. Here, and only here, a call is repeated.
import type { EngineRequest, EngineResponse } from '@/lib/rest';
import { ClosedFences, type Probe, tenantMoving } from '../admission/closed-fences';
import { DEFAULT_LIMITS } from '../admission/pool-config';
import { isStaleRoute, isUnconfirmed, staleRoute } from '../errors';
import type { Attempted, Source } from '../sources/source';
import type { Sources } from '../sources/sources';
import type { Call } from './call';
import type { Route } from './route';
import type { RouteCache } from './route-cache';
import type { AtStage } from './stage';
import { countExactly, translateRequest } from './translation';

/** The whole of a call, done by one route. It may be called again, with a newer one. */
export type Attempt<T> = (source: Source, route: Route) => Promise<Attempted<T>>;

/** An origin of changes that no screen shows. */
export const SEEN_BY_NONE = 'none';

export interface RouterSettings {
  /** How long a call waits while its tenant's fence is closed for a move, ms. */
  moveWaitMs: number;
  /** Called after each change of a tenant's data. */
  changed?: (tenantId: string, origin?: string) => void;
  atStage?: AtStage | undefined;
}

export class Router {
  #staleRetries = 0;
  readonly #fences = new ClosedFences();

  constructor(
    private readonly routes: RouteCache,
    private readonly sources: Sources,
    private readonly settings: RouterSettings,
  ) {}

  /** Attempts that met a stale route or a closed fence and were repeated. */
  get staleRetries(): number {
    return this.#staleRetries;
  }

  /** Says that a tenant's route has changed. */
  rerouted(tenantId: string): void {
    this.#fences.routeChanged(tenantId);
  }

  /** Answers one request of PostgREST's grammar. @throws DataSourceError as `request` */
  answer(call: Call, request: EngineRequest): Promise<EngineResponse> {
    const exact = countExactly(request);
    return this.request(call, (source, route) => source.answer(route, call, translateRequest(exact, route)));
  }

  /**
   * Attempts a call by the route that holds at the moment. Where the fence refuses the route, before anything ran, the
   * whole call is attempted again by a newer one: at once where there is one. While there is none the tenant is being
   * moved: one of its calls tries again and again, the others wait for it.
   *
   * @throws DataSourceError as `RouteCache.find`, `tenant_moving`; what the attempt throws
   */
  request<T>(call: Call, attempt: Attempt<T>): Promise<T> {
    const route = this.routes.peek(call.tenantId);
    const source = route && this.sources.peek(route.dataSourceId);
    // The way of nearly every call: nothing to look up, nothing to wait for.
    if (route && source && !this.#fences.has(route.tenantId)) {
      return this.#attempt(call, attempt, route, source).catch((error: unknown) => {
        if (!isStaleRoute(error)) throw error;
        this.#staleRetries += 1;
        return this.#repeat(route.tenantId, call, attempt, route);
      });
    }
    return this.#find(call, attempt);
  }

  async #find<T>(call: Call, attempt: Attempt<T>): Promise<T> {
    const route = await this.routes.find(call.tenantId);
    return this.#repeat(route.tenantId, call, attempt);
  }

  /** @param refused the route that was refused already */
  async #repeat<T>(tenantId: string, call: Call, attempt: Attempt<T>, refused?: Route): Promise<T> {
    const { signal } = call;
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
          const source = await this.sources.of(route);
          const attempted = this.#attempt(call, attempt, route, source);
          return await (probe ? probe.watch(attempted, () => source.cool()) : attempted);
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

  /** Many calls may be refused at once: the first reads the route, the others take what it found. */
  async #newer(tenantId: string, refused: Route): Promise<Route> {
    const known = this.routes.peek(tenantId);
    return known && known !== refused ? known : this.routes.refresh(tenantId);
  }

  /** @throws DataSourceError `route_stale` where the tenant has moved, and the fence or the application database says so */
  async #attempt<T>(call: Call, attempt: Attempt<T>, route: Route, source: Source): Promise<T> {
    const { atStage, changed } = this.settings;
    if (atStage) await atStage('routed', route);
    let attempted: Attempted<T>;
    try {
      attempted = await attempt(source, route);
    } catch (error) {
      if (isUnconfirmed(error)) await this.#expectHolds(route);
      throw error;
    }
    if (!attempted.isConfirmed) await this.#expectHolds(route);
    if (attempted.hasChanged && call.origin !== SEEN_BY_NONE) changed?.(route.tenantId, call.origin);
    return attempted.value;
  }

  /** For what no fence has confirmed: nothing was sent to the tenant's database, or it keeps no fence. */
  async #expectHolds(route: Route): Promise<void> {
    if (!(await this.routes.holds(route))) throw staleRoute(route.tenantId);
  }
}
