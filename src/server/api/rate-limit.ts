import type { MiddlewareHandler } from 'hono';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { addressKey, IdentityError } from '@/lib/identity';
import type { Environment } from '../context';

/**
 * Limits requests a minute from one address. Each process counts by itself, which is enough here: the links it protects
 * have 256 random bits, so only flooding matters.
 */
export function limitByAddress(requests: number): MiddlewareHandler<Environment> {
  const limiter = new RateLimiterMemory({ points: requests, duration: 60 });
  return async (context, next) => {
    try {
      await limiter.consume(addressKey(context.env.address));
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      const retryAfterSeconds = Math.max(1, Math.ceil(refused.msBeforeNext / 1000));
      throw new IdentityError('too_many_attempts', 'Too many requests from here.', {
        hint: `Wait ${retryAfterSeconds} seconds.`,
        retryAfterSeconds,
      });
    }
    await next();
  };
}
