import { useState } from 'react';

/**
 * The `Idempotency-Key` of what a person is about to do in a form or dialog: the same however often it is sent, a new one after
 * it was done (`renew`).
 */
export function useIntent(): { headers: Record<string, string>; renew: () => void } {
  const [key, setKey] = useState(() => crypto.randomUUID());
  return { headers: { 'idempotency-key': key }, renew: () => setKey(crypto.randomUUID()) };
}
