// From a call to its answer, by whatever route holds at that moment. Here, and only here, a call is repeated.
import type { EngineRequest, EngineResponse } from '@/lib/rest';
import { ClosedFences, type Passage, Probe, tenantMoving } from '../admission/closed-fences';
import { DEFAULT_LIMITS } from '../admission/pool-config';
import { isStaleRoute, isUnconfirmed, staleRoute } from '../errors';
import type { Attempted, Source } from '../sources/source';
import type { Sources } from '../sources/sources';
import type { Call } from './call';
import type { Route } from './route';
import type { RouteCache } from './route-cache';
import type { AtStage } from './stage';
import { translateRequest } from './translation';

/** The whole of a call, done by one route. It may be called again, with a newer one. */
export type Attempt<T> = (source: Source, route: Route) => Promise<Attempted<T>>;

/** An origin of changes that no screen shows. */
export const SEEN_BY_NONE = 'none';

export interface RouterSettings {
  /** How long a call waits while its tenant's fence is closed for a move, ms. */
  moveWaitMs: number;
  /** Called after each change of a tenant's data, before it is acknowledged. */
  wrote?: (tenantId: string) => void;
  /** Called after each change that screens show. */
  changed?: (tenantId: string) => void;
  atStage?: AtStage | undefined;
}

const noBytes = () => 0;

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
    return this.request(
      call,
      (source, route) => source.answer(route, call, translateRequest(request, route)),
      () => request.body?.length ?? 0,
    );
  }

  /**
   * Attempts a call by the route that holds at the moment. Where the fence refuses the route, before anything ran, the
   * whole call is attempted again by a newer one: at once where there is one. While there is none the tenant is being
   * moved: one of its calls tries again and again, the others wait for it.
   *
   * @param sizeOf what the call keeps in memory while it waits, bytes
   * @throws DataSourceError as `RouteCache.find`, `tenant_moving`; what the attempt throws
   */
  request<T>(call: Call, attempt: Attempt<T>, sizeOf = noBytes): Promise<T> {
    const route = this.routes.peek(call.tenantId);
    const source = route && this.sources.peek(route.dataSourceId);
    // The way of nearly every call: nothing to look up, nothing to wait for.
    if (route && source && !this.#fences.has(route.tenantId)) {
      return this.#attempt(call, attempt, route, source).catch((error: unknown) => {
        if (!isStaleRoute(error)) throw error;
        this.#staleRetries += 1;
        return this.#repeat(route.tenantId, call, attempt, sizeOf, route);
      });
    }
    return this.#find(call, attempt, sizeOf);
  }

  async #find<T>(call: Call, attempt: Attempt<T>, sizeOf: () => number): Promise<T> {
    const route = await this.routes.find(call.tenantId);
    return this.#repeat(route.tenantId, call, attempt, sizeOf);
  }

  /** @param refused the route that was refused already */
  async #repeat<T>(
    tenantId: string,
    call: Call,
    attempt: Attempt<T>,
    sizeOf: () => number,
    refused?: Route,
  ): Promise<T> {
    const { signal } = call;
    const until = performance.now() + this.settings.moveWaitMs;
    let last = refused;
    let held: Probe | Passage | undefined;
    try {
      for (;;) {
        const { max } = last?.limits ?? DEFAULT_LIMITS;
        held ??= await this.#fences.wait(tenantId, { until, bytes: sizeOf(), max, signal });
        const probe = held instanceof Probe ? held : undefined;
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
          if (route?.epoch === last?.epoch) {
            const next = probe && !probe.ended ? probe : this.#fences.close(tenantId);
            // Only now, or another would go on before a fence that is known to be closed.
            if (next !== held) held?.end();
            held = next;
            await next?.pause(signal);
          }
          last = route;
        }
      }
    } finally {
      held?.end();
    }
  }

  /** Many calls may be refused at once: the first reads the route, the others take what it found. */
  async #newer(tenantId: string, refused: Route): Promise<Route> {
    const known = this.routes.peek(tenantId);
    return known && known !== refused ? known : this.routes.refresh(tenantId);
  }

  /** @throws DataSourceError `route_stale` where the tenant has moved, and the fence or the application database says so */
  async #attempt<T>(call: Call, attempt: Attempt<T>, route: Route, source: Source): Promise<T> {
    const { atStage, changed, wrote } = this.settings;
    if (atStage) await atStage('routed', route);
    let attempted: Attempted<T>;
    try {
      attempted = await attempt(source, route);
    } catch (error) {
      if (isUnconfirmed(error)) await this.#expectHolds(route);
      throw error;
    }
    if (!attempted.isConfirmed) await this.#expectHolds(route);
    if (attempted.hasChanged) wrote?.(route.tenantId);
    if (attempted.hasChanged && call.origin !== SEEN_BY_NONE) changed?.(route.tenantId);
    return attempted.value;
  }

  /** For what no fence has confirmed: nothing was sent to the tenant's database, or it keeps no fence. */
  async #expectHolds(route: Route): Promise<void> {
    // While the directory is unreachable, cached routes stay in use.
    if ((await this.routes.holds(route)) === false) throw staleRoute(route.tenantId);
  }
}
