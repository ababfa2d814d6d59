import { Counter, Gauge, type Registry } from '@prometheus-io/client';
import type { RouteCacheStatistics } from './routing/route-cache';
import { BUCKETS, type Distribution } from './sources/postgres/observations';
import { PostgresSource } from './sources/postgres/postgres-source';
import type { Source } from './sources/sources';

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
  const eachPool = (show: (source: PostgresSource, gauge: Gauge<string>) => void) =>
    function (this: Gauge<string>) {
      this.reset();
      for (const source of see()?.sources ?? []) if (source instanceof PostgresSource) show(source, this);
    };
  const gauge = (name: string, help: string, labelNames: string[], collect: (this: Gauge<string>) => void) =>
    new Gauge({ name: `${PREFIX}_${name}`, help, labelNames, collect, registers: [registry] });
  gauge(
    'connections',
    'Connections by state',
    ['data_source', 'state'],
    eachPool((source, shown) => {
      const { total, idle, inUse, waiting } = source.pool.statistics;
      const states = { idle, in_use: inUse, opening: total - idle - inUse, waiting };
      for (const [state, value] of Object.entries(states))
        shown.set({ data_source: source.id, state }, value);
    }),
  );
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
  distribution(registry, 'wait_seconds', 'Waiting for a connection', see, ({ observed }) => observed.waiting);
  distribution(
    registry,
    'statement_seconds',
    'Statements, on the connection',
    see,
    ({ observed }) => observed.taking,
  );
  counter(registry, `${PREFIX}_errors_total`, 'Errors by class', ['data_source', 'class'], (shown) => {
    for (const source of see()?.sources ?? []) {
      if (!(source instanceof PostgresSource)) continue;
      for (const [kind, count] of source.observed.errors)
        shown.inc({ data_source: source.id, class: kind }, count);
    }
  });
  counter(
    registry,
    'marquee_tenant_statements_total',
    'Statements of the busiest tenants',
    ['data_source', 'tenant'],
    (shown) => {
      for (const source of see()?.sources ?? []) {
        if (!(source instanceof PostgresSource)) continue;
        for (const [tenant, use] of source.observed.tenants)
          shown.inc({ data_source: source.id, tenant }, use.statements);
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
  read: (source: PostgresSource) => Distribution,
): void {
  const full = `${PREFIX}_${name}`;
  const each = (show: (id: string, observed: Distribution) => void) => {
    for (const source of see()?.sources ?? [])
      if (source instanceof PostgresSource) show(source.id, read(source));
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
