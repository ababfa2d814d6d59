// Limits of attempts: counted before anything is checked, in the operations database, so across all processes.
import { isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import type pg from 'pg';
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import { IdentityError } from './errors';

/** At most this many attempts within this many seconds. */
export interface Limit {
  /** Begins the key of each counter. */
  name: string;
  attempts: number;
  seconds: number;
}

/** One counter: a limit, and what it is counted for. */
export interface Counter {
  limit: Limit;
  of: string;
}

export class AttemptLimits {
  readonly #limiters = new Map<Limit, RateLimiterPostgres>();

  constructor(private readonly pool: pg.Pool) {}

  /**
   * Counts an attempt on each counter.
   *
   * @throws IdentityError `too_many_attempts` with `retryAfterSeconds`, at the first counter that is full
   */
  async count(counters: readonly Counter[]): Promise<void> {
    for (const { limit, of } of counters) {
      try {
        await this.#limiter(limit).consume(of);
      } catch (refused) {
        if (!(refused instanceof RateLimiterRes)) throw refused;
        const retryAfterSeconds = Math.max(1, Math.ceil(refused.msBeforeNext / 1000));
        throw new IdentityError('too_many_attempts', 'There were too many attempts.', {
          hint: `Wait ${inWords(retryAfterSeconds)} and try again.`,
          retryAfterSeconds,
        });
      }
    }
  }

  /** The attempt succeeded, so it no longer counts. */
  async forgive(counters: readonly Counter[]): Promise<void> {
    for (const { limit, of } of counters) await this.#limiter(limit).reward(of);
  }

  #limiter(limit: Limit): RateLimiterPostgres {
    let limiter = this.#limiters.get(limit);
    if (!limiter) {
      const counted = { keyPrefix: limit.name, points: limit.attempts, duration: limit.seconds };
      limiter = new RateLimiterPostgres({
        ...counted,
        storeClient: this.pool,
        tableName: 'attempt_limits',
        tableCreated: true,
        clearExpiredByTimeout: false,
        // While the operations database is unreachable, each process counts by itself.
        insuranceLimiter: new RateLimiterMemory(counted),
      });
      this.#limiters.set(limit, limiter);
    }
    return limiter;
  }
}

/** The key of a client's network: an IPv4 address, or the /64 of an IPv6 address, which is assigned as a whole. */
export function addressKey(address: string): string {
  if (!ipaddr.isValid(address)) return address.slice(0, 64);
  const parsed = ipaddr.process(address);
  if (!isIPv6(parsed.toString())) return parsed.toString();
  return `${parsed.toNormalizedString().split(':').slice(0, 4).join(':')}::/64`;
}

/** The key of an account in counters. @param tenantId null for operators */
export function accountKey(tenantId: string | null, email: string): string {
  return `${tenantId ?? 'operator'} ${email.trim().toLowerCase()}`.slice(0, 200);
}

function inWords(seconds: number): string {
  return seconds < 90 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
}
