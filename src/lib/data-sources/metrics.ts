import { Counter, Gauge, type Registry } from '@prometheus-io/client';
import type { RouteCacheStatistics } from './routing/route-cache';
import { BUCKETS, type Distribution, type Observations } from './sources/postgres/observations';
import type { Source } from './sources/source';

/** What there is to be seen at the moment. */
export interface Visible {
  sources: Iterable<Source>;
  routes: RouteCacheStatistics;
  staleRetries: number;
}

const BREAKER_STATES = { closed: 0, 'half-open': 1, open: 2 } as const;
const PREFIX = 'marquee_data_source';

/**
 * Registers the metrics of data sources: read when they are scraped, so they cost nothing in between.
 *
 * @param see what to show; nothing before the manager was used
 */
export function registerMetrics(registry: Registry, see: () => Visible | undefined): void {
  const gauge = (name: string, help: string, labelNames: string[], collect: (this: Gauge<string>) => void) =>
    new Gauge({ name: `${PREFIX}_${name}`, help, labelNames, collect, registers: [registry] });
  gauge('connections', 'Connections by state', ['data_source', 'state'], function (this: Gauge<string>) {
    this.reset();
    for (const { id, pool } of see()?.sources ?? []) {
      if (!pool) continue;
      const { total, idle, inUse, waiting } = pool.statistics;
      const states = { idle, in_use: inUse, opening: total - idle - inUse, waiting };
      for (const [state, value] of Object.entries(states)) this.set({ data_source: id, state }, value);
    }
  });
  gauge(
    'breaker',
    'Circuit breaker: 0 closed, 1 half open, 2 open',
    ['data_source'],
    function (this: Gauge<string>) {
      this.reset();
      for (const { id, breaker } of see()?.sources ?? []) {
        this.set({ data_source: id }, BREAKER_STATES[breaker.state]);
      }
    },
  );
  distribution(registry, 'wait_seconds', 'Waiting for a connection', see, (observed) => observed.waiting);
  distribution(
    registry,
    'statement_seconds',
    'Statements, on the connection',
    see,
    (observed) => observed.taking,
  );
  counter(registry, `${PREFIX}_errors_total`, 'Errors by class', ['data_source', 'class'], (shown) => {
    for (const { id, observed } of see()?.sources ?? []) {
      for (const [kind, count] of observed?.errors ?? []) shown.inc({ data_source: id, class: kind }, count);
    }
  });
  counter(
    registry,
    'marquee_tenant_statements_total',
    'Statements of the busiest tenants',
    ['data_source', 'tenant'],
    (shown) => {
      for (const { id, observed } of see()?.sources ?? []) {
        for (const [tenant, use] of observed?.tenants ?? []) {
          shown.inc({ data_source: id, tenant }, use.statements);
        }
      }
    },
  );
  counter(registry, 'marquee_route_lookups_total', 'Lookups of routes', ['outcome'], (shown) => {
    const { hits = 0, misses = 0, negativeHits = 0 } = see()?.routes ?? {};
    shown.inc({ outcome: 'hit' }, hits);
    shown.inc({ outcome: 'miss' }, misses);
    shown.inc({ outcome: 'refused' }, negativeHits);
  });
  counter(
    registry,
    'marquee_stale_route_retries_total',
    'Statements that met a stale route or a closed fence',
    [],
    (shown) => {
      shown.inc(see()?.staleRetries ?? 0);
    },
  );
}

/** A counter whose values are counted elsewhere. */
function counter(
  registry: Registry,
  name: string,
  help: string,
  labelNames: string[],
  show: (counter: Counter<string>) => void,
): void {
  new Counter({
    name,
    help,
    labelNames,
    registers: [registry],
    collect() {
      this.reset();
      show(this);
    },
  });
}

/** A histogram whose observations are counted elsewhere. */
function distribution(
  registry: Registry,
  name: string,
  help: string,
  see: () => Visible | undefined,
  read: (observed: Observations) => Distribution,
): void {
  const full = `${PREFIX}_${name}`;
  const each = (show: (id: string, observed: Distribution) => void) => {
    for (const { id, observed } of see()?.sources ?? []) if (observed) show(id, read(observed));
  };
  counter(registry, `${full}_bucket`, `${help}: at most so long`, ['data_source', 'le'], (shown) =>
    each((id, { counts }) => {
      let below = 0;
      for (const [index, count] of counts.entries()) {
        below += count;
        shown.inc({ data_source: id, le: String(BUCKETS[index] ?? '+Inf') }, below);
      }
    }),
  );
  counter(registry, `${full}_sum`, `${help}: in all`, ['data_source'], (shown) =>
    each((id, { sum }) => shown.inc({ data_source: id }, sum)),
  );
  counter(registry, `${full}_count`, `${help}: how many`, ['data_source'], (shown) =>
    each((id, { count }) => shown.inc({ data_source: id }, count)),
  );
}
