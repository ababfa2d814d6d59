import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { DataSourceError } from '../errors';

const positive = (max: number) => z.number().int().min(1).max(max);

/** `tenants.connection_pool_config`: what one tenant may take of its database. Documented in docs/connection-pool-config.md. */
export const ConnectionPoolConfig = z.strictObject({
  /** Statements of this tenant in flight at once, in one process. */
  max: positive(1000).default(16),
  /** Statements waiting for a connection before further ones are refused. */
  queue: positive(100_000).default(500),
  /** How long a statement may wait for a connection, ms. */
  queueTimeoutMs: positive(600_000).default(5_000),
  /** How long one statement may run, ms. */
  statementTimeoutMs: positive(3_600_000).default(30_000),
  /** How long an interactive transaction may sit idle, ms. */
  idleInTransactionTimeoutMs: positive(3_600_000).default(10_000),
  /** Bytes of one answer; a larger one is refused. */
  maxResultBytes: z
    .number()
    .int()
    .min(64 * 1024)
    .max(256 * 1024 * 1024)
    .default(16 * 1024 * 1024),
  /** Rows of one answer, at every level of embedding; more are refused. */
  maxResultRows: positive(10_000_000).default(100_000),
  /** Resources embedded in one request, at all levels together. */
  maxEmbedded: z.number().int().min(0).max(1000).default(30),
  /** Levels of embedding. */
  maxEmbedDepth: z.number().int().min(0).max(100).default(6),
  /** Columns named in one request, at all levels together. */
  maxSelected: positive(10_000).default(300),
  /** Share of the database's time under contention, against other tenants' weights. */
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
