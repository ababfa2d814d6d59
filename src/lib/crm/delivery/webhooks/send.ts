import { lookup } from 'node:dns';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
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
    const lookup = allowPrivate ? undefined : lookupPublic;
    const request = begin(url, { method: 'POST', headers, signal, ...(lookup ? { lookup } : {}) });
    request.on('response', (response) => {
      response.destroy();
      resolve(response.statusCode ?? 0);
    });
    request.on('error', (cause) => {
      reject(
        cause instanceof WebhookError
          ? cause
          : new WebhookError('webhook_failed', `${url.host} did not take the event.`, { cause }),
      );
    });
    request.end(body);
  });
}

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
  if (!allowPrivate && isIP(host) && isPrivate(host)) throw refused(NOT_PUBLIC);
  return url;
}

const NOT_PUBLIC = 'does not lead to a public server';

/** Checks the looked-up address to which the connection is then made, so that a second lookup cannot differ (DNS rebinding). */
const lookupPublic: LookupFunction = (hostname, options, answer) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return answer(error, []);
    const isRefused = addresses.length === 0 || addresses.some(({ address }) => isPrivate(address));
    if (isRefused) return answer(refused(NOT_PUBLIC), []);
    const [{ address, family } = { address: '', family: 4 }] = addresses;
    return options.all ? answer(null, addresses) : answer(null, address, family);
  });
};

/** Loopback, private, link-local, reserved and translated addresses (RFC 6890 and the registries it set up). */
const PRIVATE = new BlockList();
const IPV4 =
  '0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/3';
const IPV6 =
  '::/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 2002::/16 fc00::/7 fe80::/9 ff00::/8';
for (const [list, family] of [
  [IPV4, 'ipv4'],
  [IPV6, 'ipv6'],
] as const) {
  for (const [network = '', bits] of list.split(' ').map((one) => one.split('/')))
    PRIVATE.addSubnet(network, Number(bits), family);
}

function isPrivate(address: string): boolean {
  return PRIVATE.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
