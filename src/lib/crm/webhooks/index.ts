import { createHmac, timingSafeEqual } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { MarqueeError } from '@/lib/errors';

/** What happened, told to a tenant's own systems. */
export interface WebhookEvent {
  /** Unique; a receiver drops what it has seen. */
  id: string;
  /** `event.confirmed`, `invoice.paid`, … */
  type: string;
  /** ISO 8601. */
  occurredAt: string;
  data: Record<string, unknown>;
}

export class WebhookError extends MarqueeError {}

/** Seconds after which a signature is too old: a recorded request cannot be sent again later. */
const TOLERANCE_SECONDS = 300;
const TIMEOUT_MS = 10_000;

/**
 * Signs a body as the Standard Webhooks specification does: HMAC-SHA256 of `id.timestamp.body`.
 *
 * @param timestamp Unix seconds
 */
export function signWebhook(secret: string, id: string, timestamp: number, body: string): string {
  return `v1,${createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}

/** For receivers and tests: whether a webhook is ours and fresh. */
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

/**
 * Delivers one event; the job queue retries what is thrown as `webhook_failed`, with growing pauses.
 *
 * @param options.allowPrivate tests only: addresses of this machine and of private networks are refused, so that a tenant
 *   cannot make Marquee ask its own neighbours
 * @throws WebhookError `webhook_url_refused` (final), `webhook_failed`
 */
export async function deliverWebhook(
  endpoint: { url: string; secret: string },
  event: WebhookEvent,
  options: { allowPrivate?: boolean } = {},
): Promise<void> {
  const url = await publicUrl(endpoint.url, options.allowPrivate === true);
  const body = JSON.stringify(event);
  const timestamp = Math.floor(Date.now() / 1000);
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'Marquee',
    'webhook-id': event.id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signWebhook(endpoint.secret, event.id, timestamp, body),
  };
  const init = {
    method: 'POST',
    body,
    headers,
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  } as const;
  const response = await fetch(url, init).catch((cause) => {
    throw new WebhookError('webhook_failed', `${url.host} did not take the event.`, { cause });
  });
  await response.body?.cancel();
  if (!response.ok) throw new WebhookError('webhook_failed', `${url.host} answered ${response.status}.`);
}

async function publicUrl(text: string, allowPrivate: boolean): Promise<URL> {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const refused = (reason: string) =>
    new WebhookError('webhook_url_refused', `The webhook's address ${reason}.`, {
      hint: 'Give a public https:// address.',
    });
  if (!url || (url.protocol !== 'https:' && !allowPrivate)) throw refused('is not an https address');
  if (url.username || url.password) throw refused('carries a password');
  if (allowPrivate) return url;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const addresses = isIP(host)
    ? [host]
    : (await lookup(host, { all: true }).catch(() => [])).map(({ address }) => address);
  if (addresses.length === 0 || addresses.some(isPrivate)) throw refused('does not lead to a public server');
  return url;
}

/** Loopback, private, link-local and reserved addresses (RFC 6890). */
function isPrivate(address: string): boolean {
  const mapped = address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '');
  if (isIP(mapped) === 6) return /^(::|::1|f[cd].*|fe[89ab].*|ff.*|64:ff9b.*|::ffff:.*)$/.test(mapped);
  const [a = 0, b = 0] = mapped.split('.').map(Number);
  return (
    a === 0 ||
    a === 10 ||
    a === 127 ||
    a >= 224 ||
    (a === 100 && b >= 64 && b < 128) ||
    (a === 169 && b === 254) ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && (b === 168 || b === 0)) ||
    (a === 198 && (b === 18 || b === 19))
  );
}
