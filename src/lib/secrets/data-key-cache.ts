import { LRUCache } from 'lru-cache';
import type { KeyProvider } from './key-provider';

interface Kept {
  dataKey: Buffer;
  uses: number;
}

/** Limits of `withDataKeyCache`. */
export interface DataKeyCacheOptions {
  /** Number of data keys that are kept. Default 10,000. */
  max?: number;
  /** How long a data key is kept, ms. Default five minutes. */
  ttlMs?: number;
  /** Number of uses of a data key after which the service is asked again. Default 1,000. */
  maxUses?: number;
}

/**
 * A provider that keeps unwrapped data keys in memory for a while, so that the key service is not asked for each use of a secret. A data
 * key is overwritten with zeros when it expires, has been used `maxUses` times, or is evicted.
 */
export function withDataKeyCache(
  provider: KeyProvider,
  { max = 10_000, ttlMs = 300_000, maxUses = 1_000 }: DataKeyCacheOptions = {},
): KeyProvider {
  const kept = new LRUCache<string, Kept>({
    max,
    ttl: ttlMs,
    // An expired key is wiped even if it is never requested again.
    ttlAutopurge: true,
    dispose: ({ dataKey }) => dataKey.fill(0),
  });
  return {
    ...provider,
    async unwrap(keyId, wrapped, context) {
      // The context is part of the name, so that the service gets to refuse a wrong context.
      const name = `${keyId} ${wrapped.toString('base64')} ${context}`;
      const known = kept.get(name);
      if (known) {
        known.uses += 1;
        const copy = Buffer.from(known.dataKey);
        if (known.uses >= maxUses) kept.delete(name);
        return copy;
      }
      const dataKey = await provider.unwrap(keyId, wrapped, context);
      kept.set(name, { dataKey, uses: 1 });
      return Buffer.from(dataKey);
    },
  };
}
