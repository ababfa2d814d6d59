import { createHmac, timingSafeEqual } from 'node:crypto';

/** The age at which a signature expires, seconds, so that a recorded request cannot be replayed later. */
const TOLERANCE_SECONDS = 300;

/**
 * Signs a body as the Standard Webhooks specification does: HMAC-SHA256 of `id.timestamp.body`.
 *
 * @param secret `whsec_` and the key in base64
 * @param timestamp Unix seconds
 */
export function signWebhook(secret: string, id: string, timestamp: number, body: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}

/** Whether a signature is valid and not expired. */
export function verifyWebhook(
  secret: string,
  headers: Record<string, string>,
  body: string,
  now = Date.now(),
): boolean {
  const timestamp = Number(headers['webhook-timestamp']);
  if (!(Math.abs(now / 1000 - timestamp) <= TOLERANCE_SECONDS)) return false;
  const expected = Buffer.from(signWebhook(secret, headers['webhook-id'] ?? '', timestamp, body));
  return (headers['webhook-signature'] ?? '').split(' ').some((given) => {
    const candidate = Buffer.from(given);
    return candidate.length === expected.length && timingSafeEqual(candidate, expected);
  });
}
