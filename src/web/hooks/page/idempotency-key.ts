import { useState } from 'react';

/**
 * Idempotency key for a form or dialog: constant across retries, replaced by `renew` after success. Sent as the
 * `Idempotency-Key` header.
 */
export function useIdempotencyKey(): { headers: Record<string, string>; renew: () => void } {
  const [key, setKey] = useState(() => crypto.randomUUID());
  return { headers: { 'idempotency-key': key }, renew: () => setKey(crypto.randomUUID()) };
}
