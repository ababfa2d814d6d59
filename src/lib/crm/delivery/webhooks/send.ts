import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import { AllowedNetworks, allowedLookup, NetworkError } from '@/lib/network';
import { WebhookError } from './errors';
import { signWebhook } from './signature';

/** An event as it is sent to an endpoint. */
export interface WebhookEvent {
  /** Unique, so that receivers can drop repeated deliveries. */
  id: string;
  /** `event.confirmed`, `invoice.paid`, … */
  type: string;
  /** ISO 8601. */
  occurredAt: string;
  data: Record<string, unknown>;
}

export { WebhookError };

const TIMEOUT_MS = 10_000;
/** None but those on the internet. */
const PUBLIC = new AllowedNetworks();

/**
 * Delivers one event. The job queue retries `webhook_failed` with growing pauses.
 *
 * @param options.allowPrivate tests only: addresses of this machine and of private networks are refused, so that a
 *   tenant cannot reach Marquee's own network through it
 * @throws WebhookError `webhook_url_refused` (final), `webhook_failed`
 */
export async function deliverWebhook(
  endpoint: { url: string; secret: string },
  event: WebhookEvent,
  options: { allowPrivate?: boolean } = {},
): Promise<void> {
  const allowPrivate = options.allowPrivate === true;
  const url = checkUrl(endpoint.url, allowPrivate);
  const body = JSON.stringify(event);
  const timestamp = Math.floor(Date.now() / 1000);
  const status = await post(url, body, allowPrivate, {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    'user-agent': 'Marquee',
    'webhook-id': event.id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signWebhook(endpoint.secret, event.id, timestamp, body),
  });
  if (status < 200 || status > 299)
    throw new WebhookError('webhook_failed', `${url.host} answered ${status}.`);
}

/** The status of the answer. The body is not read, and redirects are not followed. */
function post(
  url: URL,
  body: string,
  allowPrivate: boolean,
  headers: Record<string, string>,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const begin = url.protocol === 'https:' ? requestHttps : requestHttp;
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const lookup = allowPrivate ? {} : { lookup: allowedLookup(PUBLIC) };
    const request = begin(url, { method: 'POST', headers, signal, ...lookup });
    request.on('response', (response) => {
      response.destroy();
      resolve(response.statusCode ?? 0);
    });
    // Without a listener the error would be lost.
    request.on('upgrade', ({ statusCode = 101 }, socket) => {
      socket.destroy();
      resolve(statusCode);
    });
    request.on('error', (cause) => {
      reject(
        cause instanceof NetworkError
          ? refused(NOT_PUBLIC)
          : new WebhookError('webhook_failed', `${url.host} did not take the event.`, { cause }),
      );
    });
    request.end(body);
  });
}

const NOT_PUBLIC = 'does not lead to a public server';

function refused(reason: string): WebhookError {
  return new WebhookError('webhook_url_refused', `The webhook's address ${reason}.`, {
    hint: 'Give a public https:// address.',
  });
}

function checkUrl(text: string, allowPrivate: boolean): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || (url.protocol !== 'https:' && !allowPrivate)) throw refused('is not an https address');
  if (url.username || url.password) throw refused('carries a password');
  // A numeric address is not looked up, so it is checked here.
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!allowPrivate && isIP(host) !== 0 && !PUBLIC.allows(host)) throw refused(NOT_PUBLIC);
  return url;
}
