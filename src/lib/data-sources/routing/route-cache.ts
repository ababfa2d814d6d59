import { LRUCache } from 'lru-cache';
import type { TenantPlacement } from '@/lib/application';
import { DEFAULT_LIMITS, type PoolLimits, readPoolLimits } from '../admission/pool-config';
import { DataSourceError } from '../errors';
import type { Route, TenantDirectory } from './route';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const NEGATIVE_TTL_MS = 5_000;
const NEGATIVE_MAX = 10_000;

export interface RouteCacheStatistics {
  hits: number;
  misses: number;
  negativeHits: number;
  size: number;
}

/**
 * The routes that this process has read. Concurrent lookups of one tenant share one reading; a refusal (unknown or inactive
 * tenant) is cached for 5 s; a change that is announced during a reading makes it happen again.
 */
export class RouteCache {
  readonly #routes = new Map<string, Route>();
  readonly #refusals = new LRUCache<string, DataSourceError>({ max: NEGATIVE_MAX, ttl: NEGATIVE_TTL_MS });
  readonly #loading = new Map<string, { route: Promise<Route>; outdated: boolean }>();
  readonly #statistics = { hits: 0, misses: 0, negativeHits: 0 };

  /** @param found awaited with each placement that was read, before its route is used */
  constructor(
    private readonly directory: Pick<TenantDirectory, 'placement'>,
    private readonly found: (placement: TenantPlacement) => Promise<void> = async () => {},
  ) {}

  get statistics(): RouteCacheStatistics {
    return { ...this.#statistics, size: this.#routes.size };
  }

  /** The cached route, if any. */
  peek(tenantId: string): Route | undefined {
    const route = this.#routes.get(tenantId);
    if (route) this.#statistics.hits += 1;
    return route;
  }

  /**
   * The route of a tenant.
   *
   * @throws DataSourceError `tenant_id_invalid`, `tenant_unknown`, `tenant_suspended`, `tenant_provisioning`,
   *   `tenant_unavailable`
   */
  async find(tenantId: string): Promise<Route> {
    const known = this.peek(tenantId);
    if (known) return known;
    const id = typeof tenantId === 'string' ? tenantId.toLowerCase() : '';
    if (!UUID.test(id)) {
      throw new DataSourceError('tenant_id_invalid', 'The tenant id is not a UUID.', {
        hint: 'Pass the id of the row in tenants.',
      });
    }
    const refusal = this.#refusals.get(id);
    if (refusal) {
      this.#statistics.negativeHits += 1;
      throw refusal;
    }
    return this.#routes.get(id) ?? this.#load(id);
  }

  /** Reads the route again, ignoring the cache. */
  refresh(tenantId: string): Promise<Route> {
    this.forget(tenantId);
    return this.find(tenantId);
  }

  /** Whether the directory still has this epoch; if not, the cached route is discarded. Undefined where it cannot be read. */
  async holds({ tenantId, epoch }: Route): Promise<boolean | undefined> {
    let placement: TenantPlacement | undefined;
    try {
      placement = await this.directory.placement(tenantId);
    } catch {
      return undefined;
    }
    if (placement?.epoch === epoch) return true;
    this.forget(tenantId);
    return false;
  }

  /** Discards one tenant's route, or all of them. One with a later epoch than `epoch` is kept. */
  forget(tenantId?: string, epoch?: string): void {
    if (tenantId === undefined) {
      this.#routes.clear();
      this.#refusals.clear();
      for (const loading of this.#loading.values()) loading.outdated = true;
      return;
    }
    const id = tenantId.toLowerCase();
    const loading = this.#loading.get(id);
    if (loading) loading.outdated = true;
    this.#refusals.delete(id);
    const known = this.#routes.get(id);
    if (known && epoch !== undefined && BigInt(known.epoch) > BigInt(epoch)) return;
    this.#routes.delete(id);
  }

  #load(id: string): Promise<Route> {
    const current = this.#loading.get(id);
    if (current) return current.route;
    this.#statistics.misses += 1;
    const loading = { route: undefined as unknown as Promise<Route>, outdated: false };
    loading.route = this.#read(id, loading).finally(() => this.#loading.delete(id));
    this.#loading.set(id, loading);
    return loading.route;
  }

  async #read(id: string, loading: { outdated: boolean }): Promise<Route> {
    for (;;) {
      loading.outdated = false;
      const placement = await this.directory.placement(id);
      if (placement) await this.found(placement);
      if (loading.outdated) continue;
      try {
        const route = routeOf(id, placement);
        this.#routes.set(id, route);
        return route;
      } catch (error) {
        if (error instanceof DataSourceError) this.#refusals.set(id, error);
        throw error;
      }
    }
  }
}

function routeOf(id: string, placement: TenantPlacement | undefined): Route {
  if (!placement) {
    throw new DataSourceError('tenant_unknown', `There is no tenant ${id}.`, {
      hint: 'List the tenants with: marquee tenant list',
    });
  }
  const { status } = placement;
  if (status === 'suspended') {
    throw new DataSourceError('tenant_suspended', `The tenant ${id} is suspended.`, {
      hint: 'The operator can make it active again.',
    });
  }
  if (status === 'provisioning') {
    throw new DataSourceError('tenant_provisioning', `The tenant ${id} is being set up.`, {
      hint: 'Retry in a moment.',
      retryAfterSeconds: 2,
    });
  }
  if (status !== 'active') {
    throw new DataSourceError('tenant_unavailable', `The tenant ${id} cannot be used: it is ${status}.`, {
      hint: 'Ask the operator.',
    });
  }
  const { dataSourceId, engine } = placement;
  if (!dataSourceId || !engine) {
    throw new DataSourceError('tenant_unplaced', `The tenant ${id} has no data source.`, {
      hint: `Place it: marquee tenant place ${id}`,
    });
  }
  return {
    tenantId: id,
    dataSourceId,
    engine,
    epoch: placement.epoch,
    tenantIdInDataSource: placement.tenantIdInDataSource,
    otherIds: otherIdsOf(id, placement),
    limits: limitsOf(placement),
  };
}

const NONE: readonly string[] = [];

function otherIdsOf(
  id: string,
  { tenantIdInDataSource, formerIds = NONE }: TenantPlacement,
): readonly string[] {
  if (id === tenantIdInDataSource && formerIds.length === 0) return NONE;
  const others = new Set([id, ...formerIds.map((former) => former.toLowerCase())]);
  others.delete(tenantIdInDataSource.toLowerCase());
  return [...others];
}

/** Invalid configuration is refused when it is written. If one is stored nevertheless, the defaults apply. */
function limitsOf(placement: TenantPlacement): PoolLimits {
  try {
    return readPoolLimits(placement.connectionPoolConfig);
  } catch {
    return DEFAULT_LIMITS;
  }
}
