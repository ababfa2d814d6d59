import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { DataSourceError } from '../errors';

const positive = (max: number) => z.number().int().min(1).max(max);

/** `tenants.connection_pool_config`: the limits of one tenant in its database. Documented in docs/connection-pool-config.md. */
export const ConnectionPoolConfig = z.strictObject({
  /** Maximum number of the tenant's statements in flight, in one process. */
  max: positive(1000).default(16),
  /** Maximum number of statements that wait for a connection; further ones are refused. */
  queue: positive(100_000).default(500),
  /** Maximum time that a statement waits for a connection, ms. */
  queueTimeoutMs: positive(600_000).default(5_000),
  /** Maximum time that one statement runs, ms. */
  statementTimeoutMs: positive(3_600_000).default(30_000),
  /** Maximum time that an interactive transaction is idle, ms. */
  idleInTransactionTimeoutMs: positive(3_600_000).default(10_000),
  /** Maximum size of one answer, bytes. */
  maxResultBytes: z
    .number()
    .int()
    .min(64 * 1024)
    .max(256 * 1024 * 1024)
    .default(16 * 1024 * 1024),
  /** Maximum number of rows of one answer, at each level of embedding. */
  maxResultRows: positive(10_000_000).default(100_000),
  /** Maximum number of embedded resources in one request, at all levels together. */
  maxEmbedded: z.number().int().min(0).max(1000).default(30),
  /** Maximum number of levels of embedding. */
  maxEmbedDepth: z.number().int().min(0).max(100).default(6),
  /** Maximum number of columns that one request names, at all levels together. */
  maxSelected: positive(10_000).default(300),
  /** Share of the database's time under contention, relative to the weights of other tenants. */
  weight: z.number().min(0.01).max(100).default(1),
  /** Whether to use named prepared statements. Default: yes, unless a pooler answers. Set it to true for a pooler that tracks them. */
  prepare: z.boolean().optional(),
});

/** A tenant's limits: a complete `connection_pool_config`. */
export type PoolLimits = Readonly<z.infer<typeof ConnectionPoolConfig>>;

/** The limits of a tenant whose `connection_pool_config` is null or `{}`. */
export const DEFAULT_LIMITS: PoolLimits = Object.freeze(ConnectionPoolConfig.parse({}));

const interned = new LRUCache<string, PoolLimits>({ max: 1_000 });

/**
 * Reads a tenant's `connection_pool_config`; null and `{}` mean the defaults. Equal configurations share one object.
 *
 * @throws DataSourceError `connection_pool_config_invalid` naming each wrong key
 */
export function readPoolLimits(config: unknown): PoolLimits {
  if (config === null || config === undefined) return DEFAULT_LIMITS;
  const key = JSON.stringify(config);
  if (key === '{}') return DEFAULT_LIMITS;
  const known = interned.get(key);
  if (known) return known;
  const result = ConnectionPoolConfig.safeParse(config);
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `${issue.path.join('.') || 'it'}: ${issue.message}`);
    throw new DataSourceError(
      'connection_pool_config_invalid',
      `connection_pool_config is not valid: ${problems.join('; ')}`,
      { hint: 'See docs/connection-pool-config.md for its keys and their ranges.' },
    );
  }
  const limits = Object.freeze(result.data);
  interned.set(key, limits);
  return limits;
}
