import { Gauge, type Registry } from '@prometheus-io/client';
import type pg from 'pg';
import { readHealth, type SourceHealth } from './read';

const STATES = { healthy: 0, degraded: 1, unhealthy: 2, unknown: 3 } as const;
/** Several gauges are read in one scrape. */
const BELIEVED_MS = 1_000;

/** Registers the health of data sources, as any process has found it; read from the operations database when it is scraped. */
export function registerHealthMetrics(registry: Registry, pool: Pick<pg.Pool, 'query'>): void {
  let read: { at: number; health: Promise<SourceHealth[]> } | undefined;
  const health = () => {
    if (!read || read.at + BELIEVED_MS < Date.now())
      read = { at: Date.now(), health: readHealth(pool as pg.Pool).catch(() => []) };
    return read.health;
  };
  const gauge = (
    name: string,
    help: string,
    labelNames: string[],
    show: (gauge: Gauge<string>, one: SourceHealth) => void,
  ) =>
    new Gauge({
      ...{ name: `marquee_health_${name}`, help, labelNames, registers: [registry] },
      async collect() {
        const all = await health();
        this.reset();
        for (const one of all) show(this, one);
      },
    });
  gauge(
    'state',
    'Health: 0 healthy, 1 degraded, 2 unhealthy, 3 unknown',
    ['data_source'],
    (shown, { id, state }) => shown.set({ data_source: id }, STATES[state]),
  );
  gauge(
    'measure',
    'Measures of the last round of probes',
    ['data_source', 'measure'],
    (shown, { id, measures }) => {
      for (const [measure, value] of Object.entries(measures)) shown.set({ data_source: id, measure }, value);
    },
  );
}
