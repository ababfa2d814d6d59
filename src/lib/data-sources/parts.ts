// What a data source manager consists of while it is open: routes, sources and the router between them.
import { LocalBudgets } from './admission/server-budgets';
import type { DataSourceManagerDependencies } from './dependencies';
import { Meter } from './metering/meter';
import { UsageFlush } from './metering/usage-flush';
import type { Route } from './routing/route';
import { RouteCache } from './routing/route-cache';
import { Router } from './routing/router';
import type { SlowStatement } from './sources/postgres/observations';
import type { StatementObserver } from './sources/postgres/statement-observer';
import { DEFAULT_SOURCE_SETTINGS, Sources } from './sources/sources';

/** How long a statement waits while its tenant is being moved, unless the settings say otherwise, ms. */
const MOVE_WAIT_MS = 10_000;

export interface Parts {
  dependencies: DataSourceManagerDependencies;
  routes: RouteCache;
  sources: Sources;
  router: Router;
  /** Undefined where use is not counted. */
  meter: Meter | undefined;
  usage: UsageFlush | undefined;
  listener: { close(): Promise<void> };
}

/** What the parts ask the manager, and report to it. */
export interface PartsObserver {
  onSlow: (slow: SlowStatement) => void;
  observer: () => StatementObserver | undefined;
  /** A write of the tenant was acknowledged. */
  wrote: (tenantId: string) => void;
  /** When the tenant's last write was acknowledged, by `clock`; undefined if none is known. */
  lastWrite: (tenantId: string) => number | undefined;
}

/** Opens the parts, and listens to changes of routes. If that fails, everything that was opened is closed again. */
export async function openParts(
  dependencies: DataSourceManagerDependencies,
  { onSlow, observer, wrote, lastWrite }: PartsObserver,
): Promise<Parts> {
  const { directory, settings, timelines, usage: store } = dependencies;
  const routes = new RouteCache(directory, (placement) => sources.follow(placement));
  const meter = store && new Meter();
  const complete = { ...DEFAULT_SOURCE_SETTINGS, onSlow, observer, meter, ...settings };
  const budgets = dependencies.budgets ?? new LocalBudgets(complete.connectionsPerServer);
  const known = { holds: (route: Route) => routes.holds(route), lastWrite };
  const sources = new Sources(directory, budgets, complete, known, timelines);
  const router = new Router(routes, sources, {
    moveWaitMs: settings?.moveWaitMs ?? MOVE_WAIT_MS,
    wrote,
    changed: (tenantId) => directory.changed?.(tenantId),
    atStage: complete.atStage,
  });
  const listening = directory.listen(
    (tenantId, epoch) => {
      const former = tenantId ? routes.peek(tenantId) : undefined;
      routes.forget(tenantId, epoch);
      if (tenantId) router.rerouted(tenantId);
      if (former) void sources.reread(former.dataSourceId, former.tenantId).catch(() => {});
    },
    (dataSourceId) => sources.forgetSchema(dataSourceId),
  );
  const listener = await listening.catch(async (error: unknown) => {
    await closeParts({ sources, dependencies }).catch(() => {});
    throw error;
  });
  const usage = store && meter && new UsageFlush(meter, store, settings?.usageFlushMs);
  return { dependencies, routes, sources, router, meter, usage, listener };
}

/** Waits for statements in flight, adds up what is counted, and closes every connection. */
export async function closeParts({
  listener,
  sources,
  usage,
  dependencies,
}: Pick<Parts, 'sources' | 'dependencies'> & Partial<Parts>): Promise<void> {
  await listener?.close();
  await sources.close();
  await usage?.close();
  await dependencies.budgets?.close();
  await dependencies.close?.();
}
