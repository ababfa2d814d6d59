// PostgREST's metrics, in Prometheus' text format.
import type { TokenCacheCounts } from './authentication';
import type { ConnectionPool } from './connections';

export interface Measured {
  pool: Pick<ConnectionPool, 'idle' | 'waiting' | 'timeouts'>;
  poolSize: number;
  loads: { succeeded: number; failed: number; lastSeconds: number };
  tokenCache: TokenCacheCounts;
}

type Metric = [name: string, type: 'gauge' | 'counter', help: string, samples: Record<string, number>];

export function metricsText({ pool, poolSize, loads, tokenCache }: Measured): string {
  const metrics: Metric[] = [
    [
      'db_pool_timeouts_total',
      'counter',
      'Times that no connection became free in time',
      { '': pool.timeouts },
    ],
    ['db_pool_available', 'gauge', 'Open connections that are idle', { '': pool.idle }],
    ['db_pool_waiting', 'gauge', 'Requests that wait for a connection', { '': pool.waiting }],
    ['db_pool_max', 'gauge', 'Connections at most', { '': poolSize }],
    [
      'schema_cache_loads_total',
      'counter',
      'Times that the schema cache was loaded',
      { '{status="SUCCESS"}': loads.succeeded, '{status="FAIL"}': loads.failed },
    ],
    [
      'schema_cache_query_time_seconds',
      'gauge',
      'How long the last load of the schema cache took',
      { '': loads.lastSeconds },
    ],
    ['jwt_cache_requests_total', 'counter', 'Tokens looked up in the cache', { '': tokenCache.requests }],
    ['jwt_cache_hits_total', 'counter', 'Tokens found in the cache', { '': tokenCache.hits }],
    [
      'jwt_cache_evictions_total',
      'counter',
      'Tokens that the cache had no room for',
      { '': tokenCache.evictions },
    ],
  ];
  return metrics
    .map(([name, type, help, samples]) =>
      [
        `# HELP pgrst_${name} ${help}`,
        `# TYPE pgrst_${name} ${type}`,
        ...Object.entries(samples).map(([labels, value]) => `pgrst_${name}${labels} ${value}`),
        '',
      ].join('\n'),
    )
    .join('');
}
